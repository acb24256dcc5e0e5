"""The weights that the program saves."""

import re


def weights_of(checkpoint):
    """The state_dict of a checkpoint, without the prefix that data parallelism adds."""
    return {re.sub(r"^module\.", "", name): tensor for name, tensor in checkpoint["state_dict"].items()}
