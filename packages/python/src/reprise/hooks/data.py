"""What loaders of data are made with, and in which order they draw: a digest of every pass over the data."""

import hashlib

from ..trainer import setting


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

    def install(self, torch):
        data = torch.utils.data
        self._sequential = data.SequentialSampler
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
        if isinstance(loader.sampler, self._sequential):
            return
        self._loaders += 1
        prefix = "loader" if self._loaders == 1 else f"loader{self._loaders}"
        generator = loader.generator
        for name, value in (
            ("batch_size", loader.batch_size),
            ("num_workers", loader.num_workers),
            ("drop_last", loader.drop_last),
            ("sampler", type(loader.sampler).__name__),
            ("worker_init_fn", loader.worker_init_fn is not None),
            ("generator.initial_seed", None if generator is None else generator.initial_seed()),
        ):
            self._seen(self._step(), f"{prefix}.{name}", setting(value))

    def _drawing(self, original):
        loaders = self

        def indices(own):
            if isinstance(own.sampler, loaders._sequential):
                yield from original(own)
                return
            digest = hashlib.sha256()
            try:
                for batch in original(own):
                    loaders._count(digest, batch)
                    yield batch
            finally:
                loaders._end(digest)

        return indices

    def _count(self, digest, batch):
        try:
            digest.update((",".join(str(int(index)) for index in batch) + ";").encode())
        except Exception as error:
            self._gap("the order of the data", str(error))

    def _end(self, digest):
        try:
            self._rung("dataOrder", self._passes, digest.hexdigest())
            self._passes += 1
        except Exception as error:
            self._gap("the order of the data", str(error))
