"""
Reproducibility studies from Python, with the standard library only: any training as a run (`capture`, `run`, `step`), and a
client of the REST API of Reprise.
"""

from .capture import capture
from .client import Reprise
from .connection import RepriseError
from .data_order import KeyedSampler, keyed_generator
from .invariance import batch_invariance
from .logged_run import LoggedRun
from .recorder import current as run
from .recorder import step

__all__ = ["KeyedSampler", "LoggedRun", "Reprise", "RepriseError", "batch_invariance", "capture", "keyed_generator", "run", "step"]
__version__ = "0.1.0"
