"""DICOM files as tensors, where pydicom is installed."""

import torch

from ....trainer import UserError


def read_dicom(path, channels):
    """
    A grey picture as float32 [channels, height, width]: stored values over the largest that their bits can hold, from 0 to 1, and
    turned over where the lowest value is white (MONOCHROME1). Raises UserError where pydicom is absent, or the file is damaged or
    no grey picture of unsigned numbers.
    """
    try:
        import pydicom
    except ImportError as error:
        raise UserError(
            f"pydicom is needed to read {path} and is not installed.",
            "pip install pydicom numpy, for the Python of this trainer, or convert the images to PNG of 16 bits.",
        ) from error
    try:
        found = pydicom.dcmread(path)
        kind, bits = found.PhotometricInterpretation, int(found.BitsStored)
        if kind not in ("MONOCHROME1", "MONOCHROME2") or int(found.PixelRepresentation) != 0:
            raise UserError(f"{path} is not a grey picture of unsigned numbers but {kind}.", "Convert it to PNG.")
        pixels = torch.from_numpy(found.pixel_array.astype("int32"))
    except UserError:
        raise
    except Exception as error:
        raise UserError(f"{path} is damaged or not a DICOM picture: {error}.", "Get the file again, or convert it to PNG.") from error
    values = pixels[None].float() / (2**bits - 1)
    return (1 - values if kind == "MONOCHROME1" else values).clamp(0, 1).expand(channels, -1, -1).clone()
