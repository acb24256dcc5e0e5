import hashlib
import os
import subprocess
import sys

from test_capture import PACKAGE

PROGRAM = """
import importlib.util, os, sys, types
from reprise.environment import sources
import part

class Asked(types.ModuleType):
    def __getattribute__(self, name):
        raise RuntimeError(f"it was asked for {name}")

spec = importlib.util.find_spec("slow")
spec.loader = importlib.util.LazyLoader(spec.loader)
sys.modules["slow"] = module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
sys.modules.update(asked=Asked("asked"), number=3, nothing=None, odd=types.ModuleType("odd"))
sys.modules["odd"].__file__ = "x" + chr(0) + ".py"
found = sources()
print(sorted(found), found["part.py"], type(module).__name__)
os.chdir("gone")
os.rmdir(os.getcwd())
sys.modules["__main__"].__file__ = "train.py"
print(sources())
"""


def test_files_of_modules_are_read_without_importing_a_lazy_one_or_asking_any(tmp_path):
    (tmp_path / "part.py").write_text("NAME = 'part'\n")
    (tmp_path / "slow.py").write_text("raise RuntimeError('it was imported')\n")
    (tmp_path / "train.py").write_text(PROGRAM)
    (tmp_path / "gone").mkdir()
    environment = {**os.environ, "PYTHONPATH": PACKAGE}
    answer = subprocess.run([sys.executable, "train.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    digest = hashlib.sha256(b"NAME = 'part'\n").hexdigest()
    assert answer.stdout.splitlines() == [f"['part.py', 'slow.py', 'train.py'] {digest} _LazyModule", "{}"], answer.stderr
