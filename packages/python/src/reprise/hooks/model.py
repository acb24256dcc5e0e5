"""The models behind the optimizers, found by their parameters among everything that lives in the process."""

import gc
import hashlib
import operator
import os

from .part import Part

_version = operator.attrgetter("_version")
# Each search goes over all objects of the process, which takes a tenth of a second: enough for cross-validation ten times over, and
# not for an optimizer that every case has. A number and no time, because the digests depend on what was found.
SEARCHES = 128


class Model:
    """
    What the optimizers of a process change, by parts: an outermost module, or parameters of one optimizer that are in none. None is
    kept alive: of a part that is gone its digest is kept, and nothing else. `gap(what, why)` hears where that fails, and of modules
    that are not looked for; without it nothing is kept.
    """

    def __init__(self, torch, gap=None):
        self._torch = torch
        self._gap = gap
        self._process = os.getpid()
        self._parts = []
        # Whether which parts there are depends on when one was freed.
        self._is_regrouped = False
        self._searches = 0
        # All parameters, and the part of each by its id; None: to be looked at again.
        self._optimised = self._part_of = None
        # The last one that was made.
        self.step = 0

    def __bool__(self):
        return bool(self._parts)

    def follow(self, optimizer):
        """The parts that `optimizer` changes, which makes its first step."""
        parameters = [one for group in optimizer.param_groups for one in group["params"]]
        if not self._are_held(parameters):
            if self._searches < SEARCHES:
                self._searches += 1
                self._add(self._search({id(one): place for place, one in reversed(list(enumerate(parameters)))}))
            elif self._gap is not None:
                self._gap(
                    "the modules of a model",
                    f"{SEARCHES} optimizers were looked for in all modules of the process. What later ones change is in the digests by "
                    "its parameters alone, without buffers such as running statistics, and whether it is in training mode is not known.",
                )
            held = self._held()
            loose = [one for one in parameters if id(one) not in held]
            if loose:
                self._put(Part(optimizer, self.step, self._gone).take(loose))
            self._note_shared()
        return self._changed(parameters)

    def follow_module(self, module):
        """The parts of a module that the program says it has changed, where no optimizer tells of it."""
        parameters = list(module.parameters())
        if not self._are_held(parameters):
            self._add([module])
            self._note_shared()
        return self._changed(parameters)

    def _changed(self, parameters):
        held = self._held()
        parts = tuple({id(held[id(one)]): held[id(one)] for one in parameters}.values())
        for part in parts:
            part.step = self.step
        return parts

    def _held(self):
        """Id of a parameter → the part that it is of."""
        if self._part_of is None:
            pairs = [(one, part) for part in self._parts for one in part.parameters().values()]
            self._optimised = tuple(one for one, _ in pairs)
            self._part_of = {id(one): part for one, part in pairs}
        return self._part_of

    def _look_again(self):
        self._optimised = self._part_of = None

    def _are_held(self, parameters):
        if all(id(one) in self._held() for one in parameters):
            return True
        # They may have been put in the place of others.
        self._look_again()
        return all(id(one) in self._held() for one in parameters)

    def _put(self, part):
        """
        Adds a part. The tensors of one that is gone may be in it, and nothing else: had that been kept, there would be no new part.
        The same tensors under the same names take its place; of some of them that cannot be said.
        """
        own = {id(one) for one in part.tensors().values()}
        for place, earlier in enumerate(self._parts):
            if earlier.is_over and part.is_as(earlier):
                self._parts[place] = part
                break
            self._is_regrouped |= earlier.is_over and own <= {id(one) for one in earlier.tensors().values()}
        else:
            self._parts.append(part)
        self._look_again()

    def _add(self, modules):
        """Adds modules that are in no other, in place of parts that are in one of them."""
        inner = {id(child) for module in modules for child in module.modules() if child is not module}
        for part in [part for part in self._parts if id(part.owner()) in inner]:
            self._parts.remove(part)
            # Optimizers that know it look for what holds its parameters now.
            part.leave()
        for module in modules:
            known = next((part for part in self._parts if part.owner() is module), None)
            if known is None:
                self._put(Part(module, self.step, self._gone).look(module))
            else:
                known.look(module)
        self._look_again()

    def _note_shared(self):
        """Notes which tensors are in several parts, while they are there."""
        found = {}
        for part in self._parts:
            for name, one in part.tensors().items():
                found.setdefault(id(one), []).append((part, name))
        for places in found.values():
            if len({id(part) for part, _ in places}) > 1:
                for part, name in places:
                    part.shared[name] = places

    def _search(self, places):
        """The outermost modules that hold parameters (id → place), in the order of their first places."""
        module_type = self._torch.nn.Module
        is_module = {}
        first, found = {}, []
        for thing in gc.get_objects():
            kind = type(thing)
            if kind not in is_module:
                # The class itself, because an instance may say that it is of another.
                is_module[kind] = issubclass(kind, module_type)
            if is_module[kind]:
                place = min((places.get(id(one), len(places)) for one in thing.parameters()), default=len(places))
                if place < len(places):
                    first[id(thing)] = place
                    found.append(thing)
        inner = {id(child) for module in found for child in module.modules() if child is not module}
        return sorted((module for module in found if id(module) not in inner), key=lambda module: first[id(module)])

    def _gone(self, part):
        """In another process, such as one of a loader, that says nothing."""
        if os.getpid() != self._process or part not in self._parts:
            return
        self._look_again()
        if self._gap is None:
            self._parts = [one for one in self._parts if one is not part]
            return
        try:
            part.end(max(one.ended or 0 for one in self._parts) + 1)
        except Exception as error:
            self._gap("the final weights", str(error))

    def forget(self):
        """The run is over."""
        self._parts = []
        self._look_again()

    def digest(self):
        """
        SHA-256 of the weights and buffers of everything that was optimised, as they are, or were when nothing held them any
        more; None where there is nothing. Of several parts it is that of their digests, in their order. A tensor that several parts
        have, such as those of an encoder that each stage of a training wraps anew, counts once: in the last of them, as it is in the end.
        Where parts would be others had one been freed later, that is told as a gap, and there is none.
        """
        if self._is_regrouped:
            if self._gap is not None:
                self._gap(
                    "the final weights",
                    "Part of a model was trained further after the model itself had been freed. Which weights are digested together "
                    "depends on when that was, so they have no digest together.",
                )
            return None
        known = {}
        digests = [one for one in (_digest_of(part, known) for part in self._parts) if one != ""]
        if len(digests) > 1 and None not in digests:
            return hashlib.sha256("\n".join(digests).encode()).hexdigest()
        return digests[0] if len(digests) == 1 else None

    def parameters(self):
        """Name → parameter of what the last step has changed (see `_changing`), under the names of its module; numbered where there are several."""
        return self._named(Part.parameters)

    def state(self):
        """Name → tensor of the modules that hold these, buffers included."""
        return self._named(Part.state)

    def _named(self, tensors_of):
        parts = self._changing()
        modules = [part for part in parts if part.is_module]
        named, loose = {}, []
        for part in parts:
            if part.is_module:
                prefix = f"{modules.index(part)}." if len(modules) > 1 else ""
                named.update((f"{prefix}{name}", one) for name, one in tensors_of(part).items())
            else:
                loose += tensors_of(part).values()
        return {**named, **{f"parameter{index}": one for index, one in enumerate(loose)}}

    def training(self):
        """
        Whether its modules are in training mode, by which they drop units and keep statistics: "3 of 5 modules" where some are, None
        where it has no modules.
        """
        owners = [part.owner() for part in self._changing() if part.is_module]
        modes = [one.training for owner in owners if owner is not None for one in owner.modules()]
        on = sum(modes)
        return None if not modes else f"{on} of {len(modes)} modules" if 0 < on < len(modes) else on > 0

    def _changing(self):
        """
        What the last step has changed, and the one before it where the two take turns: what is changed now had been changed
        before that. A model that was trained before this one, and is still there, is none of it.
        """
        parts = [part for part in self._parts if not part.is_over]
        first = max((part.first for part in parts if part.step == self.step), default=self.step + 1)
        return [part for part in parts if part.step >= max(self.step - 1, first)]

    def versions(self):
        """Numbers that change whenever a parameter is changed in place, or goes."""
        self._held()
        return len(self._optimised), sum(map(_version, self._optimised))


def _digest_of(part, known):
    """Digest of what counts in a part, by `known` (see `Part.digests`): "" where all of it counts in later ones, None where one failed."""
    if not part.shared:
        return part.digest()
    lines = []
    for name, digest in sorted(part.digests(known).items()):
        places = part.shared.get(name, [(part, name)])
        if places[-1][0] is not part:
            continue
        if len(places) > 1:
            holder, its_name = max(places, key=lambda place: float("inf") if place[0].ended is None else place[0].ended)
            digest = holder.digests(known).get(its_name)
        if digest is None:
            return None
        lines.append(f"{name} {digest}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest() if lines else ""
