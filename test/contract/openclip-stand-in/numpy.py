import types

random = types.SimpleNamespace(seed=lambda seed: None)
