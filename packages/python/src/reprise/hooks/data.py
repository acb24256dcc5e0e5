"""What loaders of data are made with, and in which order they draw: a digest of every pass over the data."""

import hashlib

from ..trainer import setting

_END = object()
# Other things may be used up, or draw, when somebody looks into them.
_LISTS = (list, tuple, range, set, frozenset)


class Loaders:
    """
    Tells `seen(step, name, value)` what each loader with an order of its own is made with (`loader.batch_size`, …), and
    `rung(kind, position, digest)` of each of its passes, which counts from 0 over all passes.
    """

    def __init__(self, seen, rung, gap, step, patches):
        self._seen = seen
        self._rung = rung
        self._gap = gap
        self._step = step
        self._patches = patches
        self._loaders = 0
        self._passes = 0
        # Whether any loader was passed over, whatever its order.
        self.has_passed = False
        self._is_inside = False

    def install(self, torch):
        data = torch.utils.data
        self._sequential = data.SequentialSampler
        self._iterable = data.IterableDataset
        self._batches = data.BatchSampler
        # What PyTorch draws for an iterable data set: nothing, for ever.
        self._no_order = (data.SequentialSampler, *filter(None, [getattr(data.dataloader, "_InfiniteConstantSampler", None)]))
        self._patches.wrap(data.DataLoader, "__init__", self._making)
        # These a program may draw from without a loader.
        self._patches.wrap(data.BatchSampler, "__iter__", self._drawing)
        for name in ("__init__", "_reset"):
            self._patches.wrap(data.dataloader._BaseDataLoaderIter, name, self._passing)

    def _making(self, original):
        loaders = self

        def init(own, *args, **kwargs):
            original(own, *args, **kwargs)
            try:
                loaders._tell(own)
            except Exception as error:
                loaders._gap("a loader", str(error))

        return init

    def _tell(self, loader):
        """What decides the order of a loader: the sampler, or what draws whole batches. Of data that come as they come nobody sees it."""
        draws = self._draws(loader)
        if isinstance(loader.dataset, self._iterable):
            draws = loader.dataset
            self._gap("the order of the data", f"{type(draws).__name__} is an iterable data set: what it yields follows from no sampler.")
        elif self._is_of_torch(draws):
            draws = draws.sampler
        if isinstance(draws, self._sequential):
            return
        self._loaders += 1
        prefix = "loader" if self._loaders == 1 else f"loader{self._loaders}"
        generator = loader.generator
        for name, value in (
            ("batch_size", loader.batch_size),
            ("num_workers", loader.num_workers),
            ("drop_last", loader.drop_last),
            ("sampler", type(draws).__name__),
            ("worker_init_fn", loader.worker_init_fn is not None),
            ("generator.initial_seed", None if generator is None else generator.initial_seed()),
        ):
            self._seen(self._step(), f"{prefix}.{name}", setting(value))

    @property
    def passes(self):
        """How many have ended."""
        return self._passes

    def go_on(self, passes):
        """So many had ended where the training goes on."""
        self._passes = passes

    def _draws(self, loader):
        return loader.sampler if loader.batch_sampler is None else loader.batch_sampler

    def _is_of_torch(self, draws):
        """Whether it makes batches of what its sampler draws, and does nothing else."""
        return isinstance(draws, self._batches) and type(draws).__iter__ is self._batches.__iter__

    def _drawing(self, original):
        """Batches of PyTorch's own making. They begin to be drawn when they do without a run."""
        loaders = self

        def indices(own):
            drawn = original(own)
            has_order = not (loaders._is_of_torch(own) and isinstance(getattr(own, "sampler", None), loaders._no_order))
            return loaders._followed(drawn) if has_order and not loaders._is_inside else drawn

        return indices

    def _passing(self, original):
        """A pass over what a sampler of the program's own draws: PyTorch asks that for its iterator, as often as it does without a run."""
        loaders = self

        def begin(own, loader, *args, **kwargs):
            loaders.has_passed = True
            if loaders._is_inside or not loaders._has_own_order(loader):
                return original(own, loader, *args, **kwargs)
            loaders._is_inside = True
            try:
                original(own, loader, *args, **kwargs)
            finally:
                loaders._is_inside = False
            own._sampler_iter = loaders._followed(own._sampler_iter)

        return begin

    def _has_own_order(self, loader):
        try:
            draws = self._draws(loader)
            is_drawn = not isinstance(loader.dataset, self._iterable) and not isinstance(draws, self._sequential)
            return is_drawn and not self._is_of_torch(draws)
        except Exception as error:
            self._gap("the order of the data", str(error))
            return False

    def _followed(self, drawn):
        """An iterator that gives what `drawn` gives. What keeps a state that a program may ask for stays as it is."""
        if not hasattr(drawn, "state_dict"):
            return self._counted(drawn)
        self._gap("the order of the data", f"{type(drawn).__name__} keeps a state of its own: it is not followed.")
        return drawn

    def _counted(self, drawn):
        digest = hashlib.sha256()
        try:
            while True:
                # What it asks in its turn draws for it, and makes no pass of its own.
                inside, self._is_inside = self._is_inside, True
                try:
                    batch = next(drawn, _END)
                finally:
                    self._is_inside = inside
                if batch is _END:
                    return
                if digest is not None and not self._count(digest, batch):
                    digest = None
                yield batch
        finally:
            self._end(digest)

    def _count(self, digest, batch):
        """Whether it could be counted: a pass that was counted in part has no digest."""
        try:
            plain = batch.tolist() if hasattr(batch, "tolist") else batch
            indices = plain if isinstance(plain, _LISTS) else (plain,)
            digest.update((",".join(str(int(index)) for index in indices) + ";").encode())
        except Exception as error:
            self._gap("the order of the data", f"a sampler drew {type(batch).__name__}, which is read as no list of numbers: {error}")
            return False
        return True

    def _end(self, digest):
        """Passes without a digest count as well: those of two runs that are compared are the same ones."""
        position, self._passes = self._passes, self._passes + 1
        if digest is None:
            return
        try:
            self._rung("dataOrder", position, digest.hexdigest())
        except Exception as error:
            self._gap("the order of the data", str(error))
