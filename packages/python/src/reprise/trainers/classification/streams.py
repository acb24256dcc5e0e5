"""
Random numbers of a run: every draw follows from (seed, purpose, repeat, place), never from how many were drawn before, so
that a run goes on after an epoch as if it had not stopped, with any number of loader processes.

Keys and the streams of a split are those of Reprise's built-in trainer. Philox4x32-10: Salmon, Moraes, Dror & Shaw (2011),
"Parallel random numbers: as easy as 1, 2, 3".
"""

import hashlib
import json

PURPOSES = ("init", "dataOrder", "augmentation", "dropout", "split")


def _digest(*parts):
    return hashlib.sha256(json.dumps(["reprise-stream-1", *parts], separators=(",", ":")).encode()).digest()


def stream_seed(seed, purpose, repeat, *place):
    """The seed of a `torch.Generator` for one place (an epoch, a step, a case), 63 bits. `repeat` is None for what is fixed."""
    return int.from_bytes(_digest(seed, purpose, repeat, *place)[:8], "little") >> 1


def repeat_of(run, purpose):
    """What `stream_seed` takes as repeat: that of the run where the source varies between repeats, else None."""
    return run.repeat if run.request["noise"][purpose] == "varied" else None


def philox(counter, key):
    """One block: four words of 32 bits from a counter of four and a key of two."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        first, second = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (second >> 32) ^ c1 ^ k0, second & 0xFFFFFFFF, (first >> 32) ^ c3 ^ k1, first & 0xFFFFFFFF
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return c0, c1, c2, c3


def split_key(seed, repeat):
    """The key of a split's stream: two words of 32 bits."""
    digest = _digest(seed, "split", repeat)
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:8], "little")


def permutation(length, key, index):
    """0 … length - 1 in random order (Fisher-Yates, without modulo bias)."""

    def words():
        block = 0
        while True:
            yield from philox((block, 0, index, 0), key)
            block += 1

    draws = words()
    order = list(range(length))
    for i in range(length - 1, 0, -1):
        limit = 2**32 - 2**32 % (i + 1)
        word = next(draws)
        while word >= limit:
            word = next(draws)
        j = word % (i + 1)
        order[i], order[j] = order[j], order[i]
    return order
