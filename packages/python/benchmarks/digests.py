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
from test_digest import missed

parser = argparse.ArgumentParser()
parser.add_argument("--trials", type=int, default=10_000)
options = parser.parse_args()

state = {f"layer{index}": torch.randn(1024, 1024) for index in range(16)}
size = sum(tensor.numel() * tensor.element_size() for tensor in state.values())


def copying(tensors):
    """SHA-256 over copies of the bytes, for comparison."""
    total = hashlib.sha256()
    for tensor in tensors.values():
        total.update(tensor.numpy().tobytes())


def each(digest):
    return lambda tensors: [digest(tensor) for tensor in tensors.values()]


ways = {
    "state, SHA-256": digest_of,
    "tensors, SHA-256": each(lambda tensor: tensor_digest("w", tensor)),
    "copied first, SHA-256": copying,
    "rows": each(rows_digest),
}
best = dict.fromkeys(ways, float("inf"))
# In turns, so that whatever else runs on the machine meets all alike.
for _ in range(7):
    for name, way in ways.items():
        began = time.perf_counter()
        way(state)
        best[name] = min(best[name], time.perf_counter() - began)
for name, seconds in best.items():
    print(f"{name}: {size / seconds / 1e9:.2f} GB/s, {best['copied first, SHA-256'] / seconds:.2f} of copying")
print(f"missed of {options.trials} each: {missed(options.trials)}")
