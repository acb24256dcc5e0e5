import subprocess
import sys
import textwrap

import pytest


def run(code):
    answer = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.split()


def test_a_module_is_announced_when_it_is_first_imported_and_once():
    said = run(
        """
        from reprise.hooks.imports import after
        after("colorsys", lambda module: print("there", module.rgb_to_hls.__name__))
        import importlib.util
        print("before", importlib.util.find_spec("colorsys").name)
        import colorsys, colorsys
        from colorsys import hls_to_rgb
        print(colorsys.__spec__.loader.__class__.__name__)
        """
    )
    assert said == ["before", "colorsys", "there", "rgb_to_hls", "SourceFileLoader"]


def test_a_module_that_is_there_is_announced_at_once():
    assert run(
        """
        import colorsys
        from reprise.hooks.imports import after
        after("colorsys", lambda module: print("there"))
        """
    ) == ["there"]


def test_a_module_that_is_missing_stays_missing():
    assert run(
        """
        from reprise.hooks.imports import after
        after("no_such_module_at_all", lambda module: print("there"))
        try:
            import no_such_module_at_all
        except ImportError:
            print("missing")
        """
    ) == ["missing"]


LAZY = """
import importlib.util, sys, types
class State:
    started = False
class LazyModule(types.ModuleType):
    # As wandb has it.
    def __getattribute__(self, name):
        state = object.__getattribute__(self, "state")
        if not state.started:
            state.started = True
            self.__spec__.loader.exec_module(self)
            self.__class__ = types.ModuleType
        return object.__getattribute__(self, name)
def lazy(name):
    spec = importlib.util.find_spec(name)
    module = importlib.util.module_from_spec(spec)
    module.state = State()
    module.__class__ = LazyModule
    sys.modules[name] = module
def standard(name):
    spec = importlib.util.find_spec(name)
    loader = spec.loader = importlib.util.LazyLoader(spec.loader)
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
"""


@pytest.mark.parametrize("way", ["lazy", "standard"])
@pytest.mark.parametrize("is_waited_for_first", [True, False])
def test_a_module_that_is_loaded_lazily_is_announced_when_it_is_loaded(tmp_path, way, is_waited_for_first):
    (tmp_path / "slow.py").write_text("def __getattr__(name):\n    return f'made {name}'\nprint('loaded')\nhere = True\n")
    lines = ["after('slow', lambda module: print(module.random))", f"{way}('slow')"]
    code = f"{LAZY}\nsys.path.insert(0, {str(tmp_path)!r})\nfrom reprise.hooks.imports import after\n"
    said = run(code + "\n".join(lines if is_waited_for_first else lines[::-1]) + "\nprint('later')\nimport slow\nprint(slow.here, type(slow).__name__)")
    assert said == ["later", "loaded", "made", "random", "True", "module"]
