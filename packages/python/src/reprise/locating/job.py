"""
What a worker starts to locate: `python -m reprise.locating.job`, with a document of JSON as the first line of stdin, which
stays open for as long as the worker wants the answer. On stdout it says how far it is, and last what it found, or why not.

The document: `sides` (two of `execution`, `seed`, `words`, `environment`, `request`, `state`), `before` (steps of the
checkpoint that both go on from, 0: none), `steps` (compared at most, null: all) and `tries`.
"""

import json
import os
import signal
import threading
import time

from .lockstep import tried
from .processes import Side
from .words import body

# Seconds between two words of how far it is.
EVERY = 0.5


def _say(**message):
    print(json.dumps(message), flush=True)


def _end_with_worker():
    """When stdin closes, with all that was started: a worker makes this process the leader of a group."""
    while os.read(0, 4096):
        pass
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(3)


def _document():
    text = b""
    while not text.endswith(b"\n"):
        chunk = os.read(0, 65536)
        if not chunk:
            os._exit(3)
        text += chunk
    return json.loads(text)


def main():
    document = _document()
    threading.Thread(target=_end_with_worker, daemon=True).start()
    said = {"at": 0.0}

    def begin(folder):
        return [
            Side(
                {"execution": side["execution"], "seed": side["seed"]},
                side["words"],
                {**side["environment"], "TORCHDYNAMO_DISABLE": "1"},
                folder,
                name,
                side["request"],
                side["state"],
            )
            for name, side in zip(("first", "second"), document["sides"])
        ]

    def tell(steps, attempt):
        if time.monotonic() - said["at"] >= EVERY:
            said["at"] = time.monotonic()
            _say(steps=steps, attempt=attempt)

    try:
        found = tried(begin, document["steps"], document["tries"], document["before"], tell)
    except RuntimeError as error:
        _say(failed=str(error))
        return
    _say(found=body(found))


if __name__ == "__main__":
    main()
