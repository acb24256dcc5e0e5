"""How far two tensors lie apart."""

from ..trainer import memory_of


def write_values(torch, path, values):
    """Writes the bytes of a tensor. False where it was not kept, or is on no processor's memory that can be read."""
    if values is None:
        return False
    with open(path, "wb") as file:
        file.write(memory_of(values.cpu().resolve_conj().resolve_neg().contiguous()))
    return True


def read_values(torch, path, like):
    """A tensor of the type and shape of `like` from a file that `write_values` wrote."""
    with open(path, "rb") as file:
        data = bytearray(file.read())
    if not data:
        return torch.empty_like(like, device="cpu")
    return torch.frombuffer(data, dtype=like.dtype).view(like.shape)


def _ordered(torch, values):
    """Floats as whole numbers in the same order, neighbours one apart; -0 and 0 are the same."""
    kinds = {8: torch.int64, 4: torch.int32, 2: torch.int16, 1: torch.int8}
    kind = kinds[values.element_size()]
    bits = values.contiguous().view(kind).to(torch.int64)
    least = torch.iinfo(kind).min
    return torch.where(bits < 0, least - bits, bits)


def distance(torch, a, b):
    """
    Elements whose bits differ, of how many, and of floats the largest distance in units in the last place (how many floats
    lie between, plus one) and relative to the larger of the two; None where one of them is not finite, or no float.
    """
    a, b = a.detach().cpu().reshape(-1), b.detach().cpu().reshape(-1)
    if a.dtype.is_complex:
        a, b = torch.view_as_real(a.resolve_conj()).reshape(-1), torch.view_as_real(b.resolve_conj()).reshape(-1)
    size = a.element_size()
    differing = (a.contiguous().view(torch.uint8).view(-1, size) != b.contiguous().view(torch.uint8).view(-1, size)).any(1)
    found = {"differing": int(differing.sum()), "size": a.numel(), "ulp": None, "relative": None}
    if not a.dtype.is_floating_point or not a.numel():
        return found
    a, b = a[differing], b[differing]
    wide = (a.double(), b.double())
    if a.numel() and all(bool(torch.isfinite(one).all()) for one in wide):
        left, right = _ordered(torch, a), _ordered(torch, b)
        # Of two signs, in floats: the difference of two whole numbers could overflow.
        apart = left.double().abs() + right.double().abs()
        ulp = torch.where((left < 0) == (right < 0), (left - right).abs().double(), apart).max()
        largest = torch.maximum(wide[0].abs(), wide[1].abs()).clamp_min(torch.finfo(torch.float64).tiny)
        found.update(ulp=float(ulp), relative=float(((wide[0] - wide[1]).abs() / largest).max()))
    return found
