import subprocess
import sys
import textwrap


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
