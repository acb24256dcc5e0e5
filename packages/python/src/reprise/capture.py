"""`reprise.capture()`: the program that calls it, a script or a notebook, is a run from then on, as if it had been launched."""

from __future__ import annotations

import atexit
import os
import sys
from typing import Any, Iterable

from . import session
from .environment import environment, program
from .hooks import args as script_args
from .hooks.settings import variables_of
from .parameters import flat
from .recorder import Recorder, current, is_traced
from .spool import say

_ending: _Ending | None = None


def capture(
    study: str | None = None,
    arm: str = "free",
    seed: int = 0,
    params: Any = None,
    resume: str | None = None,
    url: str | None = None,
    ignore: Iterable[str] = (),
) -> Recorder:
    """
    Makes this program a run, in one line: call it before the first draw and before the optimizer is made.

    study: name of the study, which begins where none is called so; default: that of the script or notebook.
    arm: "det" or "free"; its settings and `seed` are applied now, and watched from now on.
    params: hyperparameters beside the words of the command line, a dict, an argparse Namespace or a dataclass.
    resume: id of a run to go on with, whose study, arm, seed and parameters stay.
    ignore: words of the command line that are no hyperparameters: a folder of results, a switch of the arm.
    url: the server; default: REPRISE_URL, else this machine's.

    Returns the run, as `reprise.run()` does. It ends with the program, or by `run.finish()`. Called again, as in a cell
    that is run twice, it ends that run and begins another, and says so. Under `python -m reprise run` the launcher's run is
    returned, and everything else here is left to the launcher.

    Raises ValueError for what cannot be, RepriseError for what the server refuses, OSError where the folder of runs may not be
    written to; a full disk stops nothing.
    """
    global _ending
    if arm not in session.EXECUTIONS:
        raise ValueError(f"arm is {arm!r}: it is one of {', '.join(map(repr, session.EXECUTIONS))}")
    before = current()
    if is_traced():
        # Nothing is reported.
        return before
    if isinstance(before, Recorder) and not before.ended:
        if _ending is None or before is not _ending.run:
            return before
        say("capture() was called again: the previous run ends here and a new one begins.")
        _ending.end()
    ignored: dict[str, Any] = {}
    if resume is None:
        words, ignored = script_args.without(_words(), ignore)
        recorder = session.begin(_body(study, arm, seed, {**words, **flat(params)}), url)
    elif study is not None or params is not None:
        raise TypeError("resume= takes a run as it is: omit study and parameters")
    else:
        recorder = session.resume(resume, program(), url=url)
    arm, seed, execution = session.terms(recorder)
    _set_variables(recorder, execution, seed)
    session.attach(recorder, execution, seed)
    script_args.tell(recorder.seen, ignored)
    say(f"arm {arm}, seed {seed}, {session.where(recorder)}")
    if _ending is None:
        _ending = _Ending()
    _ending.follow(recorder)
    return recorder


def _words():
    """The words of the command line as parameters: a notebook has none."""
    return script_args.parameters(sys.argv[1:] if program() is not None and "ipykernel" not in sys.modules else [])


def _body(study, arm, seed, given):
    file = program()
    name = os.path.basename(file or os.environ.get("JPY_SESSION_NAME") or "notebook")
    return {
        "study": study or name,
        "params": {key: value for key, value in given.items() if key != "seed"},
        "seed": seed,
        "mode": session.MODES[arm],
        "environment": environment(file),
    }


def _set_variables(recorder, execution, seed):
    """The variables of the arm that libraries read later on; the interpreter's own are as they were when it began."""
    torch = sys.modules.get("torch")
    is_late = torch is not None and torch.cuda.is_initialized()
    for name, value in variables_of(execution, seed).items():
        if name == "PYTHONHASHSEED" or os.environ.get(name) == value:
            continue
        if is_late:
            recorder.gap(f"{name} in effect", "CUDA was in use before capture() was called, and had read it.")
        elif value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


class _Ending:
    """How the program ends, or the cells of a notebook, and with it the run: one for the process."""

    def __init__(self):
        self.run = None
        self._exit_code = None
        self._failure = None
        self._steps = 0
        atexit.register(self.end)
        shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
        if shell is not None:
            shell.events.register("post_run_cell", self._after_cell)
            return
        self._sys_exit, sys.exit = sys.exit, self._exit
        self._excepthook, sys.excepthook = sys.excepthook, self._except

    def follow(self, run):
        self.run = run
        self._failure = None
        self._steps = 0

    def end(self):
        if self._failure is not None:
            self.run.failed(self._failure)
        elif self._exit_code not in (None, 0):
            self.run.finish("failed", f"The script ended with exit code {self._exit_code}.")
        else:
            self.run.finish()

    def _exit(self, status=None):
        self._exit_code = status
        self._sys_exit(status)

    def _except(self, kind, error, trace):
        self._failure = error
        self._excepthook(kind, error, trace)

    def _after_cell(self, result):
        """A cell that fails ends no kernel. It is how the run ended, unless training goes on in another cell."""
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            self._failure = error
        elif self.run.steps > self._steps:
            self._failure = None
        self._steps = self.run.steps
