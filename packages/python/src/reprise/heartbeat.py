"""
Says from a daemon thread that a run is alive, so that a long epoch is not taken for a dead program.

Trainings fork (loader workers) and end in many ways (exceptions, kernels that are shut down). A forked child has no
thread until it reports itself; a run that nobody holds any more is not kept alive; at the interpreter's exit the thread
is asked to stop and not waited for longer than a moment. It prints nothing.
"""

import atexit
import os
import threading
import weakref


class Heartbeat:
    """`beat` is a bound method that tells the server, and returns the seconds until the next time, or None for no more."""

    def __init__(self, beat):
        self._process = os.getpid()
        self._stopped = threading.Event()
        self._thread = threading.Thread(
            target=_beat_until, args=(weakref.WeakMethod(beat), self._stopped), name="reprise-heartbeat", daemon=True
        )
        self._thread.start()
        atexit.register(self.stop)

    def is_of_this_process(self):
        """False in a forked child, which does not have its parent's threads."""
        return self._process == os.getpid()

    def stop(self):
        if not self.is_of_this_process():
            return
        atexit.unregister(self.stop)
        self._stopped.set()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout=0.5)


def _beat_until(beat, stopped):
    seconds = 0.0
    while seconds is not None and not stopped.wait(seconds):
        alive = beat()
        if alive is None:
            return
        try:
            seconds = alive()
        except Exception:  # Whatever it is, the next report tells it to whoever can do something about it.
            seconds = 5.0
        # Not held while waiting: a run that is forgotten must be collected.
        del alive
