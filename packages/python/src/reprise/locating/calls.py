"""What a call of an operation is given, and what it writes to, by the operation's schema."""

import torch


def leaves(name, value):
    """(name, tensor) of every tensor in a result or an argument."""
    if torch.is_tensor(value):
        yield name, value
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from leaves(f"{name}[{index}]", item)


def _named(func, args, kwargs):
    """(schema's argument, value) of a call."""
    schema = func._schema.arguments
    yield from zip(schema, args)
    yield from ((argument, kwargs[argument.name]) for argument in schema if argument.name in kwargs)


def written(func, args, kwargs):
    """(name, tensor) of all arguments that the operation writes to."""
    # The schemas of batch statistics do not say that they write to them.
    unsaid = ("running_mean", "running_var") if "batch_norm" in func._schema.name and "backward" not in func._schema.name else ()
    for argument, value in _named(func, args, kwargs):
        if argument.name in unsaid or (argument.alias_info is not None and argument.alias_info.is_write):
            yield from leaves(argument.name, value)


def arguments(func, args, kwargs):
    """The tensors of a call, and its other arguments as words."""
    tensors, words = [], {}
    for argument, value in _named(func, args, kwargs):
        found = list(leaves(argument.name, value))
        tensors += found
        if not found and not isinstance(value, torch.Generator):
            words[argument.name] = repr(value)
    return tensors, words
