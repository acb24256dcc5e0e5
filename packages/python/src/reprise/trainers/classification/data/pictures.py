"""Picture files as tensors."""

import torch
from torch.nn import functional

from ....trainer import UserError
from .dicom import read_dicom


def read_picture(path, channels):
    """
    A file as float32 [channels, height, width] with values from 0 to 1; 16 bits of grey stay 16 bits. `channels` is 1 (grey)
    or 3 (red, green, blue). Raises UserError where Pillow is absent or the file is damaged.
    """
    if str(path).lower().endswith(".dcm"):
        return read_dicom(path, channels)
    try:
        from PIL import Image
    except ImportError as error:
        raise UserError(
            f"Pillow is needed to read {path} and is not installed.", "pip install pillow, for the Python of this trainer."
        ) from error
    try:
        with Image.open(path) as picture:
            if picture.mode.startswith("I") or picture.mode == "F":
                return _sixteen_bits(picture).expand(channels, -1, -1).clone()
            return _eight_bits(picture.convert("L" if channels == 1 else "RGB"), channels)
    except OSError as error:
        raise UserError(f"{path} is damaged or not a picture: {error}.", "Get the file again.") from error


def _eight_bits(picture, channels):
    width, height = picture.size
    pixels = torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8)
    return pixels.reshape(height, width, channels).permute(2, 0, 1).float() / 255


def _sixteen_bits(picture):
    width, height = picture.size
    # Whatever Pillow calls it, 32-bit integers hold it.
    pixels = torch.frombuffer(bytearray(picture.convert("I").tobytes()), dtype=torch.int32)
    return (pixels.reshape(1, height, width).float() / 65535).clamp(0, 1)


def resized(picture, size):
    """A picture [channels, height, width] brought to `size`, [height, width], bilinearly and without aliasing."""
    if size is None or list(picture.shape[1:]) == list(size):
        return picture
    return functional.interpolate(picture[None], size=tuple(size), mode="bilinear", antialias=True, align_corners=False)[0]
