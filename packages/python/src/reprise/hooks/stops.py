"""Signals that ask the program to stop and that it handles itself: it may end with exit code 0 and half a training."""

import signal

# What a scheduler, a service manager or a terminal sends to a job that is to end.
STOPS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name))


def watch(told, patches):
    """`told(name)` before a handler of the program's own for one of these signals is called."""

    def make(original):
        def set_handler(number, handler):
            if number not in STOPS or not callable(handler) or handler is signal.default_int_handler:
                return original(number, handler)

            def noting(arrived, frame):
                told(signal.Signals(arrived).name)
                return handler(arrived, frame)

            return original(number, noting)

        return set_handler

    patches.wrap(signal, "signal", make)
