"""The client for notebooks: studies and runs of a server, and what they show."""

from .answers import Answers
from .own_runs import OwnRuns
from .runs import RunsOfServer
from .studies import Studies


class Reprise(Studies, RunsOfServer, Answers, OwnRuns):
    """
    A server. `url` and `token` default to REPRISE_URL and REPRISE_TOKEN, then to a server on this machine. Sweeps and runs
    are given as their id, or as what a call answered.
    """
