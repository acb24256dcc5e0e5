"""The model behind an optimizer, found by its parameters among everything that lives in the process."""

import gc
import operator

_version = operator.attrgetter("_version")


class Model:
    """
    What holds `parameters` (id → parameter, which grows as optimizers make their first steps). The search goes over all
    objects of the process, which takes a tenth of a second: it is made again only when there are new parameters.
    """

    def __init__(self, torch, parameters):
        self._torch = torch
        self._parameters = parameters
        self._known = 0
        self._modules = []
        self._optimised = ()

    def state(self):
        """
        Name → tensor of the outermost modules that hold parameters, buffers included, in the order of the model; numbered
        where there are several. Parameters in no module are called `parameter0`, `parameter1`, …
        """
        held = {
            name: value
            for before, module in self._holding()
            for name, value in module.state_dict(prefix=before).items()
            if self._torch.is_tensor(value)
        }
        return {**held, **{name: parameter.detach() for name, parameter in self._loose()}}

    def parameters(self):
        """Name → parameter, under the names of `state`."""
        return dict([*self._held(), *self._loose()])

    def training(self):
        """Whether its modules are in training mode, by which they drop units and keep statistics: "3 of 5 modules" where some are."""
        modes = [one.training for _, module in self._holding() for one in module.modules()]
        on = sum(modes)
        return f"{on} of {len(modes)} modules" if 0 < on < len(modes) else on > 0

    def versions(self):
        """A number that grows whenever an optimised parameter is changed in place."""
        if len(self._optimised) != len(self._parameters):
            self._optimised = tuple(self._parameters.values())
        return sum(map(_version, self._optimised))

    def _held(self):
        return [pair for before, module in self._holding() for pair in module.named_parameters(prefix=before.rstrip("."))]

    def _loose(self):
        held = {id(parameter) for _, parameter in self._held()}
        loose = [parameter for key, parameter in self._parameters.items() if key not in held]
        return [(f"parameter{index}", parameter) for index, parameter in enumerate(loose)]

    def _holding(self):
        """The outermost modules, each with the prefix of its names."""
        if self._known != len(self._parameters):
            self._known = len(self._parameters)
            # Kept, as their parameters are: a model that a function trained is gone when the program ends, and its buffers with it.
            self._modules = self._search()
        modules = self._modules
        return [("" if len(modules) == 1 else f"{index}.", module) for index, module in enumerate(modules)]

    def _search(self):
        module_type, own = self._torch.nn.Module, self._parameters
        is_module = {}
        modules = []
        for thing in gc.get_objects():
            kind = type(thing)
            if kind not in is_module:
                # The class itself, because an instance may say that it is of another.
                is_module[kind] = issubclass(kind, module_type)
            if is_module[kind]:
                modules.append(thing)
        holding = [module for module in modules if any(id(one) in own for one in module.parameters(recurse=True))]
        inner = {id(child) for module in holding for child in module.modules() if child is not module}
        return [module for module in holding if id(module) not in inner]
