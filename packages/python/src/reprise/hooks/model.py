"""The models behind the optimizers, found by their parameters among everything that lives in the process."""

import gc
import hashlib
import operator
import os

from ..trainer import digest_of
from .part import Left, Part

_version = operator.attrgetter("_version")
# Each search goes over all objects of the process, which takes a tenth of a second: enough for cross-validation ten times over, and
# not for an optimizer that every case has. A number and no time, because the digests depend on what was found.
SEARCHES = 128
# Optimizers of one step after each of which versions are counted: where every parameter has its own, that is no longer cheap.
MAKERS = 8


class Model:
    """
    What the optimizers of a process change, by parts: an outermost module, or parameters of one optimizer that are in none. None is
    kept alive: of a part that is gone its digest is kept, and nothing else. `gap(what, why)` hears where that fails, and of modules
    that are not looked for; without it nothing is kept. `changed()` is called when a part goes that was written to after the last step.
    """

    def __init__(self, torch, gap=None, changed=None):
        self._torch = torch
        self._gap = gap
        self._changed_after = changed
        self._is_stepping = False
        # The last step that an optimizer has made, and how many have made it together.
        self._made = self._makers = 0
        self._process = os.getpid()
        # Those that are there, and some that are not any more: only the thread that trains changes which, and parts end in any.
        self._parts = []
        # By place, of all there ever were: a part, or its digest when nothing of it can change any more; "" counts nowhere, None failed.
        self._all = []
        # Id → a tensor of parts that are gone, as long as something holds it.
        self._left = {}
        # Whether which parts there are depends on when one was freed.
        self._is_regrouped = False
        self._searches = 0
        # All parameters, and the part of each by its id; None: to be looked at again.
        self._known = None
        # The last one that was made.
        self.step = 0
        # Whether the parts have an order of their own: not that in which several threads came.
        self.is_ordered = True

    def __bool__(self):
        return bool(self._all)

    def follow(self, optimizer):
        """The parts that `optimizer` changes, which makes its first step."""
        parameters = [one for group in optimizer.param_groups for one in group["params"]]
        if not self._are_held(parameters):
            is_further = self._were_held(parameters)
            if self._searches < SEARCHES:
                self._searches += 1
                self._add(self._search({id(one): place for place, one in reversed(list(enumerate(parameters)))}), is_further)
            elif self._gap is not None:
                self._gap(
                    "the modules of a model",
                    f"{SEARCHES} optimizers were looked for in all modules of the process. What later ones change is in the digests by "
                    "its parameters alone, without buffers such as running statistics, and whether it is in training mode is not known.",
                )
            held = self._held()
            loose = [one for one in parameters if id(one) not in held]
            if loose:
                self._put(Part(optimizer, self.step, self._gone).take(loose), is_further)
        return self._changed(parameters)

    def follow_module(self, module):
        """The parts of a module that the program says it has changed, where no optimizer tells of it."""
        parameters = list(module.parameters())
        if not self._are_held(parameters):
            self._add([module], self._were_held(parameters))
        return self._changed(parameters)

    def _changed(self, parameters):
        held = self._held()
        parts = tuple({id(held[id(one)]): held[id(one)] for one in parameters}.values())
        for part in parts:
            part.step = self.step
        return parts

    def _held(self):
        """Id of a parameter → the part that it is of."""
        return self._look()[1]

    def _look(self):
        known = self._known
        if known is None:
            self._parts = [part for part in self._parts if not part.is_over]
            pairs = [(one, part) for part in self._parts for one in part.parameters().values()]
            known = self._known = (tuple(one for one, _ in pairs), {id(one): part for one, part in pairs})
        return known

    def _look_again(self):
        self._known = None

    def _are_held(self, parameters):
        if all(id(one) in self._held() for one in parameters):
            return True
        # They may have been put in the place of others.
        self._look_again()
        return all(id(one) in self._held() for one in parameters)

    def _were_held(self, parameters):
        """Whether each is of a part, or was of one that is gone: had that been kept, they would make no new part."""
        held = self._held()
        return all(id(one) in held or self._left_of(one) is not None for one in parameters)

    def _left_of(self, tensor):
        left = self._left.get(id(tensor))
        return left if left is not None and left() is tensor else None

    def _put(self, part, is_further):
        """
        Adds a part. One that is gone may have had some of its tensors, as where stages of a training wrap an encoder anew. Where it had
        the same ones under the same names, the part takes its place; where there would be another part had it been kept, that is noted.
        """
        named = part.named()
        left = [one for one in (self._left_of(tensor) for tensor, _ in named) if one is not None]
        earlier = left[0].part if left else None
        if left and self._is_as(earlier, named):
            for one in left:
                self._left.pop(one.key, None)
            part.place = earlier.place
            self._all[part.place] = part
        else:
            owner = part.owner()
            if is_further or (left and (not part.is_module or any(one.part.held(owner) for one in left))):
                self._is_regrouped = True
            part.place = len(self._all)
            self._all.append(part)
        self._parts = sorted([*self._parts, part], key=lambda one: one.place)
        self._look_again()

    def _is_as(self, earlier, named):
        """Whether these are all tensors that a part which is gone had, under the same names."""
        if earlier.is_shared or sum(len(names) for _, names in named) != len(earlier.kept):
            return False
        pairs = ((self._left_of(tensor), names) for tensor, names in named)
        return all(left is not None and left.part is earlier and left.names == names for left, names in pairs)

    def _add(self, modules, is_further):
        """Adds modules that are in no other, in place of parts that are in one of them."""
        inner = {id(child) for module in modules for child in module.modules() if child is not module}
        for part in [part for part in self._parts if id(part.owner()) in inner]:
            # Optimizers that know it look for what holds its parameters now.
            self._drop(part)
        for module in modules:
            known = next((part for part in self._parts if part.owner() is module), None)
            if known is None:
                self._put(Part(module, self.step, self._gone).look(module), is_further)
            else:
                known.look(module)
        self._look_again()

    def _drop(self, part):
        """It counts no more."""
        part.leave()
        self._all[part.place] = ""

    def _search(self, places):
        """
        The outermost modules that hold parameters (id → place), in the order of the places of all they hold, and by name where these are
        alike, as where models share an encoder: that in which objects are found depends on when garbage was collected.
        """
        module_type = self._torch.nn.Module
        is_module = {}
        found = []

        def order(module):
            named = list(module.named_parameters())
            return [places.get(id(one), len(places)) for _, one in named], [name for name, _ in named]

        for thing in gc.get_objects():
            kind = type(thing)
            if kind not in is_module:
                # The class itself, because an instance may say that it is of another.
                is_module[kind] = issubclass(kind, module_type)
            if is_module[kind]:
                if any(id(one) in places for one in thing.parameters()):
                    found.append(thing)
        inner = {id(child) for module in found for child in module.modules() if child is not module}
        return sorted((module for module in found if id(module) not in inner), key=order)

    def _gone(self, part):
        """In another process, such as one of a loader, that says nothing."""
        if os.getpid() != self._process or part.is_over or not self._counts(part):
            return
        try:
            if self._gap is None:
                self._drop(part)
                return
            if self._changed_after is not None and self._is_changed(part):
                self._changed_after()
            for tensor, names in part.end():
                self._leave(tensor, part, names)
            if part.left == 0:
                self._settle(part)
        except Exception as error:
            self._all[part.place] = None
            self._gap("the final weights", str(error))
        finally:
            self._look_again()

    def _leave(self, tensor, part, names):
        """Tensor of a part that has ended. One that another had that ended before counts in the last part alone, as it is now."""
        left = self._left_of(tensor)
        if left is None:
            self._left[id(tensor)] = Left(tensor, part, names, self._tensor_gone)
            part.left += 1
            return
        other = left.part
        part.is_shared = other.is_shared = True
        if part.place > other.place:
            for name in left.names:
                del other.kept[name]
            left.part, left.names = part, names
            part.left += 1
            self._less(other)
        else:
            other.kept.update(dict.fromkeys(left.names, part.kept[names[0]]))
            for name in names:
                del part.kept[name]

    def _tensor_gone(self, left):
        if self._left.get(left.key) is left:
            del self._left[left.key]
            self._less(left.part)

    def _less(self, part):
        part.left -= 1
        if part.left == 0:
            self._settle(part)

    def _settle(self, part):
        """Nothing of it lives that could count in another part: its digest is all that is kept."""
        if self._counts(part):
            self._all[part.place] = part.settle()

    def _counts(self, part):
        return part.place < len(self._all) and self._all[part.place] is part

    def forget(self):
        """The run is over."""
        self._parts, self._all, self._left = [], [], {}
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
                    "Weights of a model, or of a wrapper around one, were trained further when that had been freed, by another optimizer or in "
                    "another module. Which weights are digested together depends on when it was freed, so they have no digest together.",
                )
            return None
        counted = self._counted()
        found = [one.digest(counted.get(one.place)) if isinstance(one, Part) else one for one in self._all]
        digests = [one for one in found if one != ""]
        if len(digests) > 1 and not self.is_ordered:
            if self._gap is not None:
                self._gap("the final weights", "Several threads trained several models. In which order may depend on the machine, so they have no digest together.")
            return None
        if len(digests) > 1 and None not in digests:
            return hashlib.sha256("\n".join(digests).encode()).hexdigest()
        return digests[0] if len(digests) == 1 else None

    def _counted(self):
        """Place → name → digest of what counts in a part, of those that have tensors in common."""
        having = {}
        for part in self._parts:
            for tensor, names in part.named():
                having.setdefault(id(tensor), (tensor, []))[1].append((part, names))
        for tensor, parts in having.values():
            left = self._left_of(tensor)
            if left is not None:
                parts.append((left.part, left.names))
        shared = {part.place: part for _, parts in having.values() if len(parts) > 1 for part, _ in parts}
        counted = {place: dict(part.kept) for place, part in shared.items()}
        for tensor, parts in having.values():
            if any(part.place in shared for part, _ in parts):
                digest = digest_of({"": tensor})
                last = max(part.place for part, _ in parts)
                for part, names in parts:
                    for name in names:
                        if part.place == last:
                            counted[last][name] = digest
                        else:
                            counted[part.place].pop(name, None)
        return counted

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

    def before_step(self, parts):
        """An optimizer of these parts is about to make a step."""
        self._is_stepping = True
        for part in parts:
            part.before_step()

    def after_step(self):
        """An optimizer has made a step: of several that make it together, the last one counts."""
        self._is_stepping = False
        self._makers = self._makers + 1 if self._made == self.step else 1
        self._made = self.step
        for part in self._parts:
            if part.step == self.step:
                part.is_written = part.is_written or self._makers > MAKERS
                part.after_step()

    def _is_changed(self, part):
        return part.step == self.step and not self._is_stepping and part.is_changed()

    def is_changed(self):
        """Whether a parameter that the last step may have changed was written to after it."""
        return any(map(self._is_changed, self._parts))

    def versions(self):
        """Numbers that change whenever a parameter is changed in place, or goes."""
        optimised, _ = self._look()
        return len(optimised), sum(map(_version, optimised))
