"""Weights in files: initial ones that are read, final ones that are written."""

import json
import pathlib

import torch

from ...trainer import UserError, digest_of, memory_of
from .data.files import root

# The size up to which final weights are kept without being asked for, as in the protocol.
AUTOMATIC = 16 * 1024 * 1024
_TYPES = {torch.float32: "F32", torch.int32: "I32"}


def load_pretrained(model, file):
    """
    Copies the weights of a file below REPRISE_DATA/weights into the model; a last layer of another size keeps its random ones.
    Returns the digest of what was read and the names that were left out. Raises UserError where names or shapes do not fit.
    """
    if pathlib.PurePath(file).name != file:
        raise UserError(f'pretrained: "{file}" is not a plain file name.', "Put the file into REPRISE_DATA/weights and give its name.")
    base = root()
    path = (base or pathlib.Path("REPRISE_DATA")) / "weights" / file
    if base is None or not path.exists():
        raise UserError(f"pretrained: {path} is not there.", "Put the file there; Reprise downloads nothing.")
    given = _read(path)
    own = model.state_dict()
    # Of the weights of other tasks, only the layer that names their classes may differ.
    last = {name for name in own if name.rsplit(".", 1)[0] == _last_name(own)}
    left_out = sorted(name for name in last if name in given and given[name].shape != own[name].shape)
    counters = {name for name in own if name.endswith("num_batches_tracked")}
    missing = sorted(set(own) - set(given) - counters)
    unknown = sorted(set(given) - set(own))
    wrong = sorted(name for name in set(own) & set(given) if given[name].shape != own[name].shape and name not in left_out)
    for names, what in ((missing, "are missing"), (unknown, "are unknown to the network"), (wrong, "have other shapes")):
        if names:
            raise UserError(
                f"pretrained: weights of {path} {what}: {', '.join(names[:5])}{' …' if len(names) > 5 else ''}.",
                "Take a file for this model and depth, with stem imagenet, and grayAsColor for grey pictures.",
            )
    model.load_state_dict({name: value for name, value in given.items() if name not in left_out}, strict=False)
    return digest_of(given), left_out


def _last_name(state):
    return [name.rsplit(".", 1)[0] for name, value in state.items() if value.dim() == 2][-1]


def _read(path):
    if path.suffix == ".safetensors":
        try:
            from safetensors.torch import load_file
        except ImportError as error:
            raise UserError(f"safetensors is needed to read {path} and is not installed.", "pip install safetensors") from error
        return load_file(path)
    try:
        given = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise UserError(f"pretrained: {path} holds no plain weights: {error}", "Save a state_dict with torch.save.") from error
    if not isinstance(given, dict) or not all(torch.is_tensor(value) for value in given.values()):
        raise UserError(f"pretrained: {path} holds no state_dict.", "Save a state_dict with torch.save.")
    return given


def is_kept(asked, model):
    """Whether the final weights are to be written: `auto` (small ones), `always` or `never`."""
    size = sum(value.numel() * value.element_size() for value in model.state_dict().values())
    return asked == "always" or (asked == "auto" and size <= AUTOMATIC)


def write_weights(path, model):
    """
    The state of a model in the safetensors format (https://huggingface.co/docs/safetensors): length of the header, the header
    as JSON, the tensors. Counters become 32-bit integers.
    """
    header, tensors, start = {"__metadata__": {}}, [], 0
    for name, value in model.state_dict().items():
        value = value.detach().cpu().contiguous()
        value = value if value.dtype == torch.float32 else value.to(torch.int32)
        end = start + value.numel() * value.element_size()
        header[name] = {"dtype": _TYPES[value.dtype], "shape": list(value.shape), "data_offsets": [start, end]}
        tensors.append(value)
        start = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for tensor in tensors:
            file.write(memory_of(tensor))
