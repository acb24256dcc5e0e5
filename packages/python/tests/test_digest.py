import hashlib
import random

import pytest

torch = pytest.importorskip("torch")

from reprise.digest import WORDS, rows_digest, rows_digest_of_bytes, tensor_digest
from reprise.trainer import digest_of

TYPES = [
    torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.complex64, torch.complex128,
    torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool,
    torch.float8_e4m3fn, torch.float8_e5m2, torch.uint16, torch.uint32,
]  # fmt: skip


def of_bytes(data, dtype):
    return torch.frombuffer(bytearray(data), dtype=dtype)


@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_rows_of_every_type_equal_the_reference(dtype):
    source = random.Random(1)
    for size in (0, 1, 3, WORDS + 1):
        item = torch.empty(0, dtype=dtype).element_size()
        data = bytes(source.choice((0, 1)) if dtype is torch.bool else source.randrange(256) for _ in range(size * item))
        tensor = of_bytes(data, dtype) if data else torch.empty(0, dtype=dtype)
        assert rows_digest(tensor) == rows_digest_of_bytes(data)


def test_rows_that_do_not_begin_at_a_word_equal_the_reference():
    data = random.Random(2).randbytes(3 * WORDS + 5)
    assert rows_digest(of_bytes(data, torch.uint8)[3:]) == rows_digest_of_bytes(data[3:])


def changes(values, source):
    """The kinds of change that a sum could miss, as (name, changed copy)."""
    first, second = source.sample(range(values.numel()), 2)
    swapped = values.clone()
    swapped[[first, second]] = values[[second, first]]
    yield "swap", swapped
    yield "permutation", values[torch.randperm(values.numel())]
    for name, places, bit in (("bit", [first], source.randrange(32)), ("ulp", [first], 0), ("two signs", [first, second], 31)):
        bits = values.clone().view(torch.int32)
        for place in places:
            bits[place] ^= -(2**31) if bit == 31 else 1 << bit
        yield name, bits.view(torch.float32)


def missed(trials, seed=0):
    """How many changes of each kind the rows' digest did not tell, of `trials` each."""
    torch.manual_seed(seed)
    source = random.Random(seed)
    count = {}
    for _ in range(trials):
        values = torch.randn(source.choice((2, 100, 5000)))
        before = rows_digest(values)
        for name, changed in changes(values, source):
            differs = not torch.equal(changed.view(torch.int32), values.view(torch.int32))
            count[name] = count.get(name, 0) + (differs and rows_digest(changed) == before)
    return count


def test_no_change_is_missed():
    assert missed(200) == {"swap": 0, "permutation": 0, "bit": 0, "ulp": 0, "two signs": 0}


def test_a_digest_tells_name_type_shape_and_bits():
    zeros = torch.zeros(2, 3)
    others = [zeros.view(3, 2), zeros.to(torch.int32), -zeros, torch.ones(2, 3)]
    assert len({tensor_digest("w", tensor) for tensor in [zeros, *others]} | {tensor_digest("v", zeros)}) == 6
    assert tensor_digest("w", torch.arange(6.0).view(3, 2).t()) == tensor_digest("w", torch.tensor([[0.0, 2, 4], [1, 3, 5]]))


def test_the_digest_of_a_state_is_that_of_its_bytes_in_the_order_of_names():
    state = {
        "b": torch.arange(6, dtype=torch.bfloat16).view(2, 3).t(),
        "a": torch.tensor(2.5),
        "empty": torch.empty(0, 3),
        "conjugate": torch.tensor([1 + 2j]).conj(),
    }
    total = hashlib.sha256()
    for name in sorted(state):
        plain = state[name].resolve_conj().contiguous()
        total.update(f"{name}\0{plain.dtype}\0{tuple(plain.shape)}\0".encode())
        total.update(bytes(plain.reshape(-1).view(torch.uint8).tolist()))
    assert digest_of(state) == total.hexdigest()
