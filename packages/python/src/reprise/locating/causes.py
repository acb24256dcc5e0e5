"""What PyTorch's own documentation says of an operation that does not repeat."""

import re

SOURCE = "https://docs.pytorch.org/docs/stable/generated/torch.use_deterministic_algorithms.html"
_ENTRY = re.compile(r":(?:class|func):`([^`]+)`(.*)", re.DOTALL)
# Names of operations whose documentation stands under another one.
_DOCUMENTED_AS = {
    "index": "__getitem__",
    "convolution": "conv",
    "upsample": "interpolate",
    "grid_sampler": "grid_sample",
    "reflection_pad": "reflectionpad",
    "replication_pad": "replicationpad",
}


def documented(text):
    """
    The operations that a docstring of `torch.use_deterministic_algorithms` lists, as dicts of `name`, `condition` and
    `deterministic`: whether there is a deterministic form of it, or an error in its place.
    """
    found = []
    parts = re.split(r"The following normally-nondeterministic operations will", text or "")[1:]
    for part in parts:
        block, is_deterministic = part.split("In addition,")[0], part.lstrip().startswith("act")
        for item in re.split(r"\n\s+\* ", block)[1:]:
            match = _ENTRY.match(item.strip())
            if match:
                condition = " ".join(match.group(2).replace("``", "").split()).rstrip()
                found.append({"name": match.group(1), "condition": condition, "deterministic": is_deterministic})
    return found


def _words(name):
    return re.sub(r"[^a-z0-9]", "", name.lower())


def cause_of(operation, device, arguments, text):
    """
    The entries of the documentation `text` that are about an operation such as `aten.index_put.default` on a device such as
    `cpu`. Entries that speak of other devices or other arguments only are left out; `arguments` as words, name → value.
    """
    base = operation.split(".")[1].removeprefix("_").rstrip("_").replace("_backward", "")
    names = {_words(base)}
    names.update(_words(base.replace(name, other)) for name, other in _DOCUMENTED_AS.items() if base.startswith(name))

    def is_meant(entry):
        own = _words(entry["name"].split(".")[-1])
        if own not in names and not (own[:-2] in names and own[-2:] in ("1d", "2d", "3d")):
            return False
        devices = re.findall(r"CPU|CUDA", entry["condition"])
        if devices and device.upper() not in devices:
            return False
        wanted = {}
        for name, value in re.findall(r"(\w+)=('\w+'|\w+)", entry["condition"]):
            wanted.setdefault(name, set()).add(value)
        return all(arguments.get(name) in (None, *values) for name, values in wanted.items())

    return [entry for entry in documented(text) if is_meant(entry)]
