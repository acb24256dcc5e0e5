"""What loaders of data are made with, and in which order they draw: a digest of every pass over the data."""

import hashlib

from ..trainer import setting

_END = object()


def _each(drawn):
    """What an iterator gives. It is not asked for one again: a sampler that is its own iterator has a patched `__iter__`."""
    following = drawn if hasattr(drawn, "__next__") else iter(drawn)
    while (one := next(following, _END)) is not _END:
        yield one


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
        # Classes of samplers of the program's own.
        self._followed = set()
        self._loaders = 0
        self._passes = 0
        self._is_inside = False

    def install(self, torch):
        data = torch.utils.data
        self._sequential = data.SequentialSampler
        self._iterable = data.IterableDataset
        self._batches = data.BatchSampler
        # What PyTorch draws for an iterable data set: nothing, for ever.
        self._no_order = (data.SequentialSampler, *filter(None, [getattr(data.dataloader, "_InfiniteConstantSampler", None)]))
        self._patches.wrap(data.DataLoader, "__init__", self._making)
        self._patches.wrap(data.BatchSampler, "__iter__", self._drawing)

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
        draws = loader.sampler if loader.batch_sampler is None else loader.batch_sampler
        if isinstance(loader.dataset, self._iterable):
            draws = loader.dataset
            self._gap("the order of the data", f"{type(draws).__name__} is an iterable data set: what it yields follows from no sampler.")
        elif self._is_of_torch(draws):
            draws = draws.sampler
            if isinstance(draws, self._sequential):
                return
        elif isinstance(draws, self._sequential):
            return
        elif type(draws) not in self._followed:
            self._followed.add(type(draws))
            self._patches.wrap(type(draws), "__iter__", self._drawing)
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

    def _is_of_torch(self, draws):
        """Whether it makes batches of what its sampler draws, and does nothing else."""
        return isinstance(draws, self._batches) and type(draws).__iter__ is self._batches.__iter__

    def _drawing(self, original):
        loaders = self

        def indices(own):
            if loaders._is_inside or (loaders._is_of_torch(own) and isinstance(own.sampler, loaders._no_order)):
                yield from _each(original(own))
                return
            digest = hashlib.sha256()
            drawn = _each(original(own))
            try:
                while True:
                    # What it asks in its turn draws for it, and makes no pass of its own.
                    loaders._is_inside = True
                    try:
                        batch = next(drawn, _END)
                    finally:
                        loaders._is_inside = False
                    if batch is _END:
                        return
                    loaders._count(digest, batch)
                    yield batch
            finally:
                loaders._end(digest)

        return indices

    def _count(self, digest, batch):
        try:
            batch = batch if hasattr(batch, "__iter__") and not isinstance(batch, (str, bytes)) else (batch,)
            digest.update((",".join(str(int(index)) for index in batch) + ";").encode())
        except Exception as error:
            self._gap("the order of the data", str(error))

    def _end(self, digest):
        try:
            self._rung("dataOrder", self._passes, digest.hexdigest())
            self._passes += 1
        except Exception as error:
            self._gap("the order of the data", str(error))
