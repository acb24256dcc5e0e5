"""A training that is looked at computes what it computes alone."""

import json
import os
import subprocess
import sys

import pytest
from test_capture import lines_of

pytest.importorskip("torch")

LIBRARIES = ("lightning", "transformers", "accelerate")
LOOPS = os.path.join(os.path.dirname(__file__), "loops.py")


def test_capture_changes_no_bit_of_weights_or_random_states_in_any_kind_of_loop(tmp_path, warm_interpreter):
    def digests(name, python, *launcher, words=()):
        path = tmp_path / name
        nowhere = {"REPRISE_URL": "http://127.0.0.1:9", "REPRISE_SPOOL": str(tmp_path / f"spool of {name}"), "OMP_NUM_THREADS": "1"}
        done = subprocess.run(
            [python, *launcher, LOOPS, str(path), *words],
            env={**os.environ, **nowhere, "REPRISE_DIGEST_BUDGET": "inf"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(path.read_text())

    alone = digests("alone", warm_interpreter.executable)
    assert len(set(alone.values())) == len(alone)
    assert digests("run", sys.executable, "-m", "reprise", "run") == alone
    # By its one line, and in the other arm: none of these loops has an operation that deterministic algorithms change on a processor.
    assert digests("captured", warm_interpreter.executable, words=["captured"]) == alone
    for name in ("run", "captured"):
        # It was looked at: every step that an optimizer made has a digest.
        [run] = (tmp_path / f"spool of {name}").iterdir()
        lines = lines_of(run)
        rungs = [line["position"] for line in lines if line.get("kind") == "step"]
        assert rungs == list(range(1, 62 + 4 * sum(library in alone for library in LIBRARIES)))
        # None of these loops is said to have changed its weights by hand in the end.
        assert not [line for line in lines if "after the last step" in line.get("gap", "")]
    missing = [library for library in LIBRARIES if library not in alone]
    if missing:
        pytest.skip(f"without the loops of {', '.join(missing)} (pip install {' '.join(missing)})")
