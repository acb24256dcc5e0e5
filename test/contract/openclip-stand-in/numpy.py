import types

from torch import calls

random = types.SimpleNamespace(seed=lambda seed: calls.append(("numpy", seed)))
