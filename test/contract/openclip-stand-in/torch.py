"""The few names of PyTorch that the adapter touches, without the arithmetic."""

import types

cudnn = types.SimpleNamespace(benchmark=False, deterministic=False, allow_tf32=True, enabled=True)
_C = types.SimpleNamespace(_get_mkldnn_enabled=lambda: True)
backends = types.SimpleNamespace(
    cudnn=cudnn, cuda=types.SimpleNamespace(matmul=types.SimpleNamespace(allow_tf32=True))
)
cuda = types.SimpleNamespace(manual_seed=lambda seed: calls.append(("cuda", seed)), is_available=lambda: False,
                             manual_seed_all=lambda seed: calls.append(("cuda all", seed)))
version = types.SimpleNamespace(cuda=None)
__version__ = "2.13.0"
uint8 = "uint8"
calls = []
_state = {"deterministic": False, "seed": 0}


def manual_seed(seed):
    calls.append(("torch", seed))
    _state["seed"] = seed


def initial_seed():
    return _state["seed"]


def get_float32_matmul_precision():
    return "high" if backends.cuda.matmul.allow_tf32 else "highest"


def use_deterministic_algorithms(on):
    _state["deterministic"] = on


def are_deterministic_algorithms_enabled():
    return _state["deterministic"]


def is_deterministic_algorithms_warn_only_enabled():
    return False


def get_num_threads():
    return 1


class _Tensor:
    dtype, shape = "float32", (1,)

    def __init__(self, text):
        self.text = text

    def tobytes(self):
        return self.text.encode()


def load(path, map_location=None, weights_only=True):
    with open(path) as file:
        return {"state_dict": {"module.weight": _Tensor(file.read())}}
