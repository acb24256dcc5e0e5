"""What each optimizer really uses: its class and the values of its groups, at the first step and whenever they change."""

import weakref

from .callers import place

# Values that a program may be asked for, and that this optimizer may not have: null is told of those.
_ALWAYS = ("weight_decay", "momentum", "nesterov")
_SCALARS = (bool, int, float, str, type(None))


def _scalar(value):
    """A value as JSON has it; a tensor of one number, as capturable optimizers have, is that number."""
    if hasattr(value, "item") and getattr(value, "numel", lambda: 1)() == 1:
        return value.item()
    return value if isinstance(value, _SCALARS) else None


def values_of(group, defaults):
    """Name → value of one group, its parameters left out: {"lr": 0.1, "beta1": 0.9}. Betas are counted; other lists are left out."""
    values = {}
    for name, value in group.items():
        if name == "betas" and isinstance(value, (tuple, list)):
            for index, beta in enumerate(value, 1):
                values[f"beta{index}"] = _scalar(beta)
        elif isinstance(value, _SCALARS) or hasattr(value, "item"):
            values[name] = _scalar(value)
    for name in _ALWAYS:
        values.setdefault(name, None)
    default = _scalar(defaults.get("lr"))
    if default is not None:
        values["default_lr"] = default
    return values


def _kept(value):
    return _scalar(value) if hasattr(value, "item") else value


def _without_parameters(group):
    return {name: _kept(value) for name, value in group.items() if name != "params"}


def _is_same(group, known):
    """Whether a group has the values that are known of it."""
    if len(group) != len(known) + 1:
        return False
    for name, value in known.items():
        now = group.get(name, known)
        if now is not value and _kept(now) != value:
            return False
    return True


class Optimizers:
    """
    Tells `seen(step, name, value, where)` of all optimizers of a process: `optimizer.lr`, `optimizer2.group3.weight_decay`. `where` is
    the line that made the group, as long as the value is that which it was made with.
    """

    def __init__(self, seen, gap=None):
        self._seen = seen
        self._gap = gap
        self._known = {}
        self._all = []
        # Of optimizers that have yet to make a step as well: by its index, of each group the line that made it, and its values then.
        self._made = weakref.WeakKeyDictionary()

    def install(self, torch, patches):
        """Notes the lines that make optimizers, and their groups, from now on: once a group, and nothing at a step."""
        is_compiling = torch.compiler.is_compiling

        def make(original):
            def add_param_group(own, *args, **kwargs):
                result = original(own, *args, **kwargs)
                if not is_compiling():
                    self._note(own)
                return result

            return add_param_group

        patches.wrap(torch.optim.Optimizer, "add_param_group", make)

    def _note(self, optimizer):
        try:
            group = optimizer.param_groups[-1]
            values = {**values_of(_without_parameters(group), optimizer.defaults), "parameters": len(group["params"])}
            # Those that were there before notes were taken have none.
            self._made.setdefault(optimizer, {})[len(optimizer.param_groups) - 1] = (place(2), values)
        except Exception as error:
            if self._gap is not None:
                self._gap("the line of an optimizer", str(error))

    def _made_of(self, optimizer):
        try:
            return self._made.get(optimizer, {})
        except TypeError:
            # It has no hash, so that nothing could be noted: a gap by now.
            return {}

    def _line_of(self, optimizer, index, name, value):
        """The line that gave a group this value when it made it; None where the value came later, or the line is not known."""
        where, values = self._made_of(optimizer).get(index, (None, {}))
        return where if name in values and values[name] == value else None

    def of(self, optimizer):
        """What is known of one, which is not kept alive: a later one may have its id."""
        known = self._known.get(id(optimizer))
        if known is None or known.optimizer() is not optimizer:
            number = len(self._all) + 1
            known = self._known[id(optimizer)] = _Known(optimizer, "optimizer" if number == 1 else f"optimizer{number}")
            self._all.append(known)
        return known

    def parts_of(self, optimizer):
        """The parts of a model that it has changed: none before its first step."""
        known = self._known.get(id(optimizer))
        return known.parts if known is not None and known.optimizer() is optimizer else ()

    def stepped(self):
        """Those that are there, in the order of their first steps."""
        return [one for one in (known.optimizer() for known in self._all) if one is not None]

    def look(self, step, optimizer, known=None):
        """After a step of `optimizer`: the values that it used, as far as they are not those of the step before."""
        known = known or self.of(optimizer)
        if known.step == 0:
            self._seen(step, f"{known.prefix}.type", type(optimizer).__name__, self._made_of(optimizer).get(0, (None, {}))[0])
        known.step = step
        groups = known.groups
        for index, group in enumerate(optimizer.param_groups):
            # The usual step: nothing but the learning rate can have changed, and it has not.
            if index < len(groups) and _is_same(group, groups[index]):
                continue
            # Tensors may be changed in place: kept are their numbers.
            now = _without_parameters(group)
            del groups[index:]
            groups.append(now)
            self._tell(step, known, index, {**values_of(now, optimizer.defaults), "parameters": len(group["params"])}, optimizer)

    def _tell(self, step, known, index, values, optimizer):
        for name, value in values.items():
            told_as = f"{known.prefix}.{name}" if index == 0 else f"{known.prefix}.group{index + 1}.{name}"
            before = known.told.get(told_as, self)
            # As in the first group: not told twice.
            if index > 0 and before is self and known.told.get(f"{known.prefix}.{name}", self) == value:
                continue
            if before is self or before != value:
                known.told[told_as] = value
                # A value that comes back later was set by something else.
                self._seen(step, told_as, value, self._line_of(optimizer, index, name, value) if before is self else None)

    def finish(self):
        """What each used in its last step: as until then."""
        for known in self._all:
            for name, value in known.told.items():
                self._seen(known.step, name, value)


class _Known:
    """An optimizer with what was told of it."""

    def __init__(self, optimizer, prefix):
        self.optimizer = weakref.ref(optimizer, self._gone)
        self.prefix = prefix
        # The step that it has made last, and that after which it was looked at last.
        self.made = None
        self.step = 0
        # Of the models of the process, those that it changes.
        self.parts = ()
        self.groups = []
        self.told = {}

    def _gone(self, _):
        self.groups, self.parts = [], ()
