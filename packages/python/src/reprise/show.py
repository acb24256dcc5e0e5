"""What a notebook shows of answers: short tables, with a link to the page of the dashboard that shows all of it."""

from __future__ import annotations

from html import escape
from typing import Any, Iterable, Mapping, Sequence

from .marks import TONES, arm_color, digest_color
from .wire import decode

# A notebook's cell is no page: what is left out is counted.
MOST_ROWS = 20
MOST_METRICS = 4


def number(value: Any) -> str:
    """A figure to four significant digits; an en dash where there is none."""
    plain = decode(value)
    return "–" if plain is None else f"{plain:.4g}"


def duration(milliseconds: float | None) -> str:
    """Of a run, in the two greatest units: "3 min 12 s"."""
    if milliseconds is None:
        return "–"
    seconds = milliseconds / 1000
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def link(url: str, text: str) -> str:
    return f'<a href="{escape(url, quote=True)}" target="_blank" rel="noopener">{escape(text)}</a>'


def chip(color: str) -> str:
    return f'<span style="display:inline-block;width:.7em;height:.7em;border-radius:2px;margin-right:.35em;background:{color}"></span>'


def arm(run: Mapping[str, Any]) -> str:
    return chip(arm_color(run["execution"])) + escape(run["arm"])


def digest(value: str | None) -> str:
    return "–" if value is None else f"{chip(digest_color(value))}<code>{value[:8]}</code>"


def table(header: Sequence[str], rows: Iterable[Sequence[str]], left_out: int = 0) -> str:
    """A table of cells that are HTML already."""
    head = "".join(f"<th style='text-align:left'>{escape(name)}</th>" for name in header)
    body = "".join(
        "<tr>" + "".join(f"<td style='text-align:left;white-space:nowrap'>{cell}</td>" for cell in row) + "</tr>" for row in rows
    )
    more = f"<p>… and {left_out} more</p>" if left_out > 0 else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def verdict(answer: Mapping[str, Any]) -> str:
    """The sentence with its sign; how it is known unfolds."""
    sign, color = TONES[answer["tone"]]
    sentence = f'<span style="color:{color};font-weight:bold">{sign}</span> {escape(answer["sentence"])}'
    basis = "".join(f"<li>{escape(line)}</li>" for line in answer["basis"])
    known = f"<details><summary>how we know</summary><ul>{basis}</ul></details>" if basis else ""
    return f"<div style='margin:.3em 0'>{sentence}{known}</div>"


def sweep(answer: Mapping[str, Any], url: str) -> str:
    counts = ", ".join(f"{count} {name}" for name, count in answer["runCounts"].items() if count)
    spec = answer["spec"]
    about = f"{escape(spec['trainer'])} on {escape(spec['dataset']['name'])}"
    blocked = f"<p>{escape(answer['blockedReason'])}</p>" if answer.get("blockedReason") else ""
    return f"<p><b>{link(url, answer['name'])}</b>: {escape(answer['status'])} ({escape(counts) or 'no runs'}), {about}</p>{blocked}"


def runs(answers: Sequence[Mapping[str, Any]], url: str) -> str:
    shown = answers[:MOST_ROWS]
    keys = list(dict.fromkeys(key for run in shown for key in run["summary"]))[:MOST_METRICS]
    rows = [
        [
            link(f"{url}/runs/{run['id']}", run["id"][-8:]),
            escape(run["configurationLabel"] or ""),
            str(run["seed"]),
            arm(run),
            str(run["repeat"]),
            escape(run["status"]) + (" (diverged)" if run.get("diverged") else ""),
            digest(run["digest"]),
            duration(run["durationMs"]),
            *(number(selected(run["summary"].get(key))) for key in keys),
        ]
        for run in shown
    ]
    header = ["run", "configuration", "seed", "arm", "repeat", "status", "digest", "duration", *keys]
    return table(header, rows, len(answers) - len(shown))


def selected(summary: Mapping[str, Any] | None) -> Any:
    """Of a metric, the value at the selected epoch, else the last."""
    if summary is None:
        return None
    return summary["last"] if summary["selected"] is None else summary["selected"]


def run(answer: Mapping[str, Any], url: str) -> str:
    error = answer.get("error")
    failure = f"<p>{escape(error['message'])}</p>" if error else ""
    departed = answer.get("departures")
    warning = f"<p>{TONES['contradiction'][0]} did not run as its arm asks: {departed} settings</p>" if departed else ""
    params = ", ".join(f"{name} = {value}" for name, value in answer["params"].items())
    return runs([answer], url) + failure + warning + (f"<p>{escape(params)}</p>" if params else "")


def verification(answer: Mapping[str, Any]) -> str:
    tones = {"bit-identical": "good", "within-tolerance": "good", "different": "attention", None: "neutral"}
    words = answer["explanation"] or f"The verification is {answer['status']}."
    tone = tones.get(answer["verdict"], "neutral")
    return verdict({"tone": tone, "sentence": f"{answer['verdict'] or answer['status']}: {words}", "basis": []})


def analysis(answer: Mapping[str, Any]) -> str:
    columns = answer["table"]["columns"]
    rows = answer["table"]["rows"]
    header = [f"{column['label']} ({column['unit']})" if column["unit"] else column["label"] for column in columns]
    cells = [[_cell(row.get(column["key"])) for column in columns] for row in rows[:MOST_ROWS]]
    sentences = [answer["headline"]] if "headline" in answer else []
    said = "".join(verdict(one) for one in [*sentences, *answer.get("verdicts", [])])
    return said + table(header, cells, len(rows) - len(cells))


def comparison(answer: Mapping[str, Any]) -> str:
    said = "".join(verdict(one["verdict"]) for one in answer["comparisons"])
    header = ["group", "metric", "runs", "mean", "SD", "95 % interval"]
    rows = [
        [
            escape(one["group"]),
            escape(one["metric"]),
            str(one["runs"]),
            number(one["mean"]),
            number(one["sd"]),
            _interval(one["interval"]),
        ]
        for one in answer["summaries"]
    ]
    return said + table(header, rows)


def _interval(value: Mapping[str, Any]) -> str:
    ends = [number(value["low"]), number(value["high"])]
    return "–" if "–" in ends else " to ".join(ends)


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return digest(value) if len(value) == 64 and set(value) <= set("0123456789abcdef") else escape(value)
    return number(value)
