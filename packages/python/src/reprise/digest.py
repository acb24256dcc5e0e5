"""
Digests of single tensors: SHA-256 where the bytes lie in the processor's memory, sums over rows where they lie on a device.

A row is 4,096 words of 32 bits, the last one filled up with zeros. Its digest is H[lane] = sum of key[lane, i] * word[i]
mod 2^64, in two lanes of fixed keys. Whole numbers add up to the same in any order, so every device finds the same H.
A difference of two rows of 64-bit words could vanish in it (two flipped signs do); one of 32-bit words is missed with a
probability of 2^-66 at most. The keys are public: this tells accidents, and not what somebody forged.
"""

import functools
import hashlib
import struct

from .trainer import memory_of

# What a digest says it is by: equal bits have unequal ones by two algorithms.
SHA256 = "sha256"
ROWS = "rows32"

WORDS = 4096
LANES = 2
# Rows that are multiplied at a time: 32 MiB of products.
ROWS_AT_ONCE = 1024


def algorithm_of(tensors):
    """By what tensors (None: one that is not there) are digested together: SHA-256 where all lie in the processor's memory."""
    return SHA256 if all(tensor is None or tensor.is_cpu for tensor in tensors) else ROWS


def tensor_digest(name, tensor, algorithm=None):
    """
    32 hexadecimal digits for a tensor of any type, on any device, under its name; by default by `algorithm_of` it alone.
    Equal ones by one algorithm mean equal name, type, shape and bits, NaN payloads and the sign of zero included.
    """
    algorithm = algorithm or algorithm_of([tensor])
    tensor = tensor.detach()
    # Each of these calls takes as long as hashing a small tensor, and most are as they are to be.
    if tensor.is_conj() or tensor.is_neg() or not tensor.is_contiguous():
        tensor = tensor.resolve_conj().resolve_neg().contiguous()
    total = hashlib.sha256(f"{name}\0{tensor.dtype}\0{tuple(tensor.shape)}\0".encode())
    if algorithm == SHA256:
        total.update(memory_of(tensor if tensor.is_cpu else tensor.cpu()))
    else:
        total.update(rows_digest(tensor))
    return total.hexdigest()[:32]


@functools.lru_cache(maxsize=1)
def keys():
    """LANES lists of WORDS numbers of 64 bits, from SHA-256 in counter mode."""
    count = LANES * WORDS
    blocks = b"".join(hashlib.sha256(f"reprise rows {index}".encode()).digest() for index in range(count // 4))
    numbers = struct.unpack(f"<{count}Q", blocks)
    return [numbers[lane * WORDS : (lane + 1) * WORDS] for lane in range(LANES)]


@functools.lru_cache(maxsize=8)
def _keys_on(device):
    import torch

    signed = [[number - 2**64 if number >= 2**63 else number for number in lane] for lane in keys()]
    return torch.tensor(signed, dtype=torch.int64, device=device)


def rows_digest(tensor):
    """H of all rows of a contiguous tensor, row by row and lane by lane, as bytes; computed where the tensor lies."""
    import torch

    data = tensor.reshape(-1).view(torch.uint8)
    rows = -(-data.numel() // (4 * WORDS))
    if data.numel() < rows * 4 * WORDS or data.data_ptr() % 4:
        padded = torch.zeros(rows * 4 * WORDS, dtype=torch.uint8, device=data.device)
        padded[: data.numel()] = data
        data = padded
    words = data.view(torch.int32).view(rows, 1, WORDS)
    factors = _keys_on(data.device)
    sums = [
        ((words[at : at + ROWS_AT_ONCE].to(torch.int64) & 0xFFFFFFFF) * factors).sum(2)
        for at in range(0, rows, ROWS_AT_ONCE)
    ]
    found = torch.cat(sums).cpu() if sums else torch.zeros(0, dtype=torch.int64)
    return bytes(memory_of(found))


def rows_digest_of_bytes(data):
    """The same in plain Python, of bytes: what `rows_digest` is held against."""
    rows = -(-len(data) // (4 * WORDS))
    words = struct.unpack(f"<{rows * WORDS}I", bytes(data).ljust(rows * 4 * WORDS, b"\0"))
    sums = [
        sum(key * word for key, word in zip(lane, words[row * WORDS : (row + 1) * WORDS])) % 2**64
        for row in range(rows)
        for lane in keys()
    ]
    return struct.pack(f"<{len(sums)}Q", *sums)
