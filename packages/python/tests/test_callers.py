"""Whose code a line is: the program's own, or a library's, however it is reached."""

import subprocess
import sys
import venv

import reprise

PROGRAM = """
import sys
sys.path.insert(0, sys.argv[1])
from reprise.hooks.callers import is_own
import elsewhere, mine
print(is_own(elsewhere.__file__), is_own(mine.__file__), is_own(__file__), is_own("<string>"))
"""


def test_a_library_that_a_pth_file_reaches_is_none_of_the_program(tmp_path):
    venv.create(tmp_path / "env", with_pip=False)
    (site,) = (tmp_path / "env").glob("lib/python*/site-packages")
    for folder, name in (("libraries", "elsewhere"), ("work/src", "mine")):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / f"{name}.py").write_text("")
    (site / "reached.pth").write_text(f"import sys\n{tmp_path / 'libraries'}\n{tmp_path / 'work' / 'src'}\n")
    script = tmp_path / "work" / "train.py"
    script.write_text(PROGRAM)
    package = reprise.__path__[0].rsplit("/", 1)[0]
    python = tmp_path / "env" / "bin" / "python"
    answer = subprocess.run([python, script, package], cwd=script.parent, capture_output=True, text=True, check=True)
    # What is installed to be worked on is the program's.
    assert answer.stdout.split() == ["False", "True", "True", "False"], sys.version
