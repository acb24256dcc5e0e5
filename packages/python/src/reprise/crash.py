"""What is told of a program that failed: its error in one line, and the last lines of its traceback."""

import traceback

LINES, LENGTH = 40, 1_000


def message(error):
    """The error as Python prints it last: "ValueError: no such column"."""
    return "".join(traceback.format_exception_only(type(error), error)).strip()[:10_000]


def last_lines(error, script=None):
    """The end of the traceback as the server takes it; with `script` from that file on, without the frames that ran it."""
    trace = error.__traceback__
    while trace is not None and script is not None and trace.tb_frame.f_code.co_filename != script:
        trace = trace.tb_next
    # An error of the file itself (SyntaxError) has no frame in it.
    lines = "".join(traceback.format_exception(type(error), error, trace or error.__traceback__)).splitlines()
    return [line[:LENGTH] for line in lines[-LINES:]]
