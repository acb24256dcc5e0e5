"""The state of a training after an epoch, in a file."""

import os

import torch

from ...trainer import UserError


def write_checkpoint(folder, state):
    """Writes the state and returns the path of the file, which is complete as soon as it has that name."""
    path = os.path.join(folder, f"checkpoint-{state['epoch']}.pt")
    torch.save(state, f"{path}.unfinished")
    os.replace(f"{path}.unfinished", path)
    return path


def read_checkpoint(path):
    """The state that a file holds, on the processor. Raises UserError where it cannot be read."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise UserError(f"Checkpoint {path} cannot be read: {error}", "Start the run again from the beginning.") from error
