"""Networks of timm (Wightman, R. (2019). PyTorch image models. https://github.com/huggingface/pytorch-image-models), where it is installed."""

import contextlib
import difflib

import torch

from ....trainer import UserError

MODULE = "timm"


def why_not():
    """Why there are no networks of timm here, as a clause; None where there are."""
    try:
        import timm  # noqa: F401
    except ImportError as error:
        return f"{error.name or MODULE} is not installed for the Python of this trainer (pip install timm)"
    except Exception as error:
        # A torchvision that was made for another PyTorch fails so.
        return f"timm cannot be imported: {error}"
    return None


def timm_model(name, shape, outputs, dropout):
    """
    The network of this name with random weights, for pictures [channels, height, width]; networks of one size of pictures are
    made for this one. Raises UserError where timm or the name is not there, or the network is not for such pictures.
    """
    reason = why_not()
    if reason is not None:
        raise UserError(f"model: timm is not possible: {reason}.", "Install it there, or choose another model.")
    import timm

    if not timm.is_model(name):
        near = difflib.get_close_matches(name, timm.list_models(), 3)
        raise UserError(
            f'timmModel: timm {timm.__version__} has no network "{name}".',
            f"Near it: {', '.join(near)}." if near else "timm.list_models() names them.",
        )
    channels, *size = shape
    about = timm.get_pretrained_cfg(name)
    fixed = {"img_size": tuple(size)} if about is not None and about.fixed_input_size else {}
    try:
        return timm.create_model(name, pretrained=False, num_classes=outputs, in_chans=channels, drop_rate=dropout, **fixed)
    except Exception as error:
        raise UserError(f"timmModel: {name} cannot be made for pictures of {' x '.join(map(str, shape))}: {error}") from error


@contextlib.contextmanager
def drawing_from(seed, device):
    """Within it, layers that draw from PyTorch's own generators, as those of timm do, draw from this seed; then all is as it was."""
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield
