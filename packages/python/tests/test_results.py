"""What a notebook shows of answers; the answers are as the server gives them, cut short."""

import importlib.util

import pytest

from reprise.marks import DETERMINISTIC, FREE, digest_color
from reprise.progress import bar
from reprise.results import Analysis, Comparison, Run, Runs, Sweep, Verdict, Verification

DET = {"order": "fixed", "algorithms": "deterministic", "autotune": False, "tf32": False}
ARMS = [{"name": "det", "execution": DET}, {"name": "free", "execution": {**DET, "order": "free", "algorithms": "default"}}]
VERDICT = {"kind": "not-identical", "tone": "attention", "sentence": "Free repeats differ by <3 pp.", "basis": ["n = 2"]}


class Api:
    url = "http://server"

    def histories(self, run, keys):
        return {"loss": ([1, 2], [1.0, 0.5])}

    def analysis(self, sweep, name, metric):
        return ANALYSIS


def run(number, arm, digest):
    answer = {
        **{"id": f"{number:08d}-0000", "configurationLabel": "lr = 0.1 & more", "seed": 3, "arm": arm, "repeat": number},
        **{"mode": "nondeterministic", "status": "succeeded", "digest": digest, "durationMs": 192_000, "diverged": None},
        **{"params": {"lr": 0.1}, "error": None, "departures": 0},
        **{"execution": next(one["execution"] for one in ARMS if one["name"] == arm)},
        **{"summary": {"valAcc": {"last": 0.5, "selected": 0.75}, "loss": {"last": "NaN", "selected": None}}},
    }
    return Run(answer, Api())


RUNS = Runs([run(0, "det", "a" * 64), *(run(number, "free", f"{number:064x}") for number in range(1, 25))])
SWEEP = Sweep(
    {
        **{"id": "s", "name": "<lr>", "status": "running", "totalRuns": 25, "blockedReason": None},
        **{"runCounts": {"queued": 0, "running": 1, "succeeded": 24, "failed": 0, "cancelled": 0}},
        **{"spec": {"trainer": "external", "dataset": {"name": "slides"}, "arms": ARMS}},
    },
    Api(),
)
VALUES = {"arm": "free", "values": [0.7, "NaN", 0.75], "predictionInterval": {"low": 0.6, "high": 0.85}}
ANALYSIS = Analysis(
    {
        "headline": VERDICT,
        "verdicts": [],
        "provenance": {"metricLabel": "accuracy", "metricUnit": "fraction"},
        "rows": [
            {"group": {"configurationLabel": "lr 0.1", "seed": 3}, "deterministic": {"arm": "det", "values": [0.8]}, "others": [VALUES]},
            {"group": {"configurationLabel": "lr 0.2", "seed": 3}, "deterministic": None, "others": [VALUES]},
        ],
        "table": {
            "columns": [{"key": "seed", "label": "Seed", "unit": None}, {"key": "acc", "label": "Accuracy", "unit": "%"}],
            "rows": [{"seed": "3", "acc": "NaN"}, {"seed": "4", "acc": 75.25}],
        },
    }
)
COMPARISON = Comparison(
    {
        "metrics": [{"key": "acc", "label": "accuracy", "unit": "fraction"}],
        "comparisons": [{"metric": "acc", "verdict": VERDICT}],
        "summaries": [
            {"group": name, "metric": "acc", "runs": 5, "mean": mean, "sd": 0.01, "points": [mean], "interval": {"low": mean - 0.1, "high": None}}
            for name, mean in (("a", 0.7), ("b", 0.8))
        ],
    }
)


def test_runs_are_a_short_table_with_links_in_the_colours_of_the_dashboard():
    shown = RUNS._repr_html_()
    assert shown.count("<tr>") == 21
    assert "… and 5 more" in shown
    assert '<a href="http://server/runs/00000000-0000"' in shown
    assert DETERMINISTIC in shown and FREE in shown and digest_color("a" * 64) in shown
    assert "lr = 0.1 &amp; more" in shown and "3 min 12 s" in shown and "0.75" in shown
    assert Runs([])._repr_html_() == "<p>no runs</p>"
    assert "lr = 0.1</p>" in RUNS[0]._repr_html_()


def test_digests_have_the_colours_of_the_dashboard():
    # Of digestColor in apps/dashboard/src/shared/marks/digest-marks.ts.
    assert digest_color("0f" * 32) == "#7b69c6"


def test_sentences_stand_with_how_they_are_known():
    assert str(Verdict(VERDICT)) == VERDICT["sentence"]
    for shown in (Verdict(VERDICT)._repr_html_(), ANALYSIS._repr_html_(), COMPARISON._repr_html_()):
        assert "Free repeats differ by &lt;3 pp." in shown and "<li>n = 2</li>" in shown
    assert "Accuracy (%)" in ANALYSIS._repr_html_() and "75.25" in ANALYSIS._repr_html_()
    assert "&lt;lr&gt;</a></b>: running (1 running, 24 succeeded), external on slides" in SWEEP._repr_html_()
    verification = {"verdict": "different", "status": "ended", "explanation": "Weights part at step 3."}
    assert "different: Weights part at step 3." in Verification(verification)._repr_html_()
    assert "queued" in Verification({"verdict": None, "status": "queued", "explanation": None})._repr_html_()


def test_histories_of_many_runs_are_one_answer():
    histories = RUNS.histories(["loss"])
    assert list(histories) == [one.id for one in RUNS]
    assert histories[RUNS[3].id] == {"loss": ([1, 2], [1.0, 0.5])}


def needs(library):
    return pytest.mark.skipif(importlib.util.find_spec(library) is None, reason=f"{library} is not installed (pip install {library})")


@needs("pandas")
def test_answers_are_data_frames():
    assert RUNS.to_pandas()["metrics.valAcc"].tolist() == [0.75] * 25
    assert RUNS.histories().to_pandas().shape == (50, 4)
    assert ANALYSIS.to_pandas().columns.tolist() == ["seed", "acc"]
    assert ANALYSIS.to_pandas()["acc"].isna().tolist() == [True, False]
    assert COMPARISON.to_pandas()["mean"].tolist() == [0.7, 0.8]


@needs("matplotlib")
def test_answers_are_drawn(tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    for axes in (SWEEP.plot(), RUNS.plot("loss"), RUNS[0].plot("loss"), COMPARISON.plot()):
        path = tmp_path / "figure.png"
        axes.figure.savefig(path)
        assert path.stat().st_size > 5_000
    assert SWEEP.plot().get_ylabel() == "accuracy (fraction)"


def test_a_bar_is_full_when_all_runs_have_ended_however_they_did(capsys):
    pytest.importorskip("tqdm")
    counts = {"queued": 1, "running": 1, "succeeded": 2, "failed": 0, "cancelled": 0, "pruned": 0}
    sweep = {"name": "lr", "totalRuns": 4, "status": "running", "runCounts": counts}
    with bar(sweep, True) as advance:
        advance(sweep)
        advance({**sweep, "status": "succeeded", "runCounts": {**counts, "queued": 0, "running": 0, "failed": 1, "pruned": 1}})
    shown = capsys.readouterr().err
    assert "2/4" in shown
    assert "4/4" in shown.rpartition("\r")[2]
