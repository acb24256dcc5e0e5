"""
Random changes of training pictures, float32 [channels, height, width] from 0 to 1. What each does is defined as in
torchvision; drawn from a generator of the case's own.
"""

import math

import torch
from torch.nn import functional

# ITU-R BT.601, of red, green and blue.
LUMA = (0.2989, 0.587, 0.114)


def augment(picture, hyper, generator):
    """The picture after all changes that the hyperparameters ask for, in their order; `generator` decides which and how much."""

    def uniform(low, high):
        return low + (high - low) * torch.rand((), generator=generator).item()

    def heads():
        return torch.rand((), generator=generator).item() < 0.5

    if hyper["cropPadding"] > 0:
        picture = _crop(picture, hyper["cropPadding"], generator)
    if hyper["flip"] != "none" and heads():
        picture = picture.flip(2)
    if hyper["flip"] == "both" and heads():
        picture = picture.flip(1)
    if hyper["sharpness"] != 1 and heads():
        picture = sharpened(picture, hyper["sharpness"])
    if hyper["autocontrast"] and heads():
        picture = stretched(picture)
    if hyper["grayscale"] and heads():
        picture = grey(picture)
    if hyper["rotation"] > 0 or hyper["translation"] > 0 or hyper["scaleRange"] is not None or hyper["shear"] > 0:
        angle = uniform(-hyper["rotation"], hyper["rotation"])
        height, width = picture.shape[1:]
        shift = [round(uniform(-hyper["translation"], hyper["translation"]) * side) for side in (width, height)]
        scale = uniform(*hyper["scaleRange"]) if hyper["scaleRange"] is not None else 1.0
        picture = transformed(picture, angle, shift, scale, uniform(-hyper["shear"], hyper["shear"]))
    if hyper["noiseSd"] > 0:
        picture = picture + hyper["noiseSd"] * torch.randn(picture.shape, generator=generator)
    return picture


def _crop(picture, padding, generator):
    _, height, width = picture.shape
    top, left = torch.randint(0, 2 * padding + 1, (2,), generator=generator).tolist()
    return functional.pad(picture, [padding] * 4)[:, top : top + height, left : left + width]


def sharpened(picture, factor):
    """Between the picture (1) and its smoothed form (0), or beyond; smoothed by a 3 × 3 kernel with 5 in the middle, edges kept."""
    kernel = torch.ones(3, 3)
    kernel[1, 1] = 5
    channels = picture.shape[0]
    smooth = picture.clone()
    smooth[:, 1:-1, 1:-1] = functional.conv2d(picture[None], (kernel / 13).expand(channels, 1, 3, 3), groups=channels)[0]
    return (factor * picture + (1 - factor) * smooth).clamp(0, 1)


def stretched(picture):
    """Every channel from its least to its largest value stretched to 0 … 1; one of a single value stays."""
    low = picture.amin((1, 2), keepdim=True)
    span = picture.amax((1, 2), keepdim=True) - low
    return torch.where(span > 0, (picture - low) / span.clamp_min(torch.finfo(picture.dtype).tiny), picture)


def grey(picture):
    """Luminance in every channel; a picture of one channel stays."""
    if picture.shape[0] != 3:
        return picture
    red, green, blue = picture
    return (LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue).expand(3, -1, -1)


def transformed(picture, angle, shift, scale, shear):
    """
    Turned by `angle` degrees, sheared along the width by `shear` degrees, scaled, all about the middle, and moved by `shift`
    pixels [right, down]. Nearest neighbour; what comes in is black.
    """
    _, height, width = picture.shape
    turn, slant = math.radians(angle), math.radians(shear)
    # From picture to output, in pixels about the middle: scale · rotation · shear.
    a, b = scale * math.cos(turn), scale * (math.cos(turn) * math.tan(slant) - math.sin(turn))
    c, d = scale * math.sin(turn), scale * (math.sin(turn) * math.tan(slant) + math.cos(turn))
    determinant = a * d - b * c
    # From output to picture, as the grid needs it: its unit is half a width and half a height.
    inverse = [[d / determinant, -b / determinant], [-c / determinant, a / determinant]]
    rows = []
    for (x, y), own in zip(inverse, (width, height)):
        moved = -(x * shift[0] + y * shift[1])
        rows.append([x * width / own, y * height / own, 2 * moved / own])
    grid = functional.affine_grid(torch.tensor([rows], dtype=torch.float32), [1, *picture.shape], align_corners=False)
    return functional.grid_sample(picture[None], grid, mode="nearest", padding_mode="zeros", align_corners=False)[0]
