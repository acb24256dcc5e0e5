"""Reproducibility studies from a notebook: a client of the REST API of Reprise, with the standard library only."""

from .client import LoggedRun, Reprise, RepriseError
from .recorder import current as run

__all__ = ["LoggedRun", "Reprise", "RepriseError", "run"]
__version__ = "0.1.0"
