"""
Speed of digests, and the full count of changes that the rows' digest misses.

    PYTHONPATH=src:tests python benchmarks/digests.py [--trials 10000]
"""

import argparse
import hashlib
import time

import torch
from reprise.digest import rows_digest, tensor_digest
from reprise.trainer import digest_of


def copying(tensors):
    """SHA-256 over copies of the bytes, for comparison."""
    total = hashlib.sha256()
    for tensor in tensors.values():
        total.update(tensor.numpy().tobytes())


def each(digest):
    return lambda tensors: [digest(tensor) for tensor in tensors.values()]


WAYS = {
    "state, SHA-256": digest_of,
    "tensors, SHA-256": each(lambda tensor: tensor_digest("w", tensor)),
    "copied first, SHA-256": copying,
    "rows": each(rows_digest),
}


def measure():
    """Way → GB/s over 64 MiB of weights, the best of seven turns."""
    state = {f"layer{index}": torch.randn(1024, 1024) for index in range(16)}
    size = sum(tensor.numel() * tensor.element_size() for tensor in state.values())
    best = dict.fromkeys(WAYS, float("inf"))
    # In turns, so that whatever else runs on the machine meets all alike.
    for _ in range(7):
        for name, way in WAYS.items():
            began = time.perf_counter()
            way(state)
            best[name] = min(best[name], time.perf_counter() - began)
    return {name: size / seconds / 1e9 for name, seconds in best.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=10_000)
    options = parser.parse_args()
    from test_digest import missed

    found = measure()
    for name, speed in found.items():
        print(f"{name}: {speed:.2f} GB/s, {speed / found['copied first, SHA-256']:.2f} times copying")
    print(f"missed of {options.trials} each: {missed(options.trials)}")


if __name__ == "__main__":
    main()
