"""Figures through matplotlib, where it is installed: answers as they came, in the dashboard's colours."""

from __future__ import annotations

import textwrap
from typing import Any, Iterable, Mapping, Sequence

from .marks import DETERMINISTIC, FREE, FURTHER, PLACEBO, arm_color, arm_colors
from .wire import decode


def axes(given: Any = None) -> Any:
    """The axes to draw on: those given, else new ones. Raises ImportError without matplotlib."""
    if given is not None:
        return given
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError("plot() needs matplotlib (pip install matplotlib)") from error
    return pyplot.subplots(figsize=(8, 4.5), layout="constrained")[1]


def determinism(answer: Mapping[str, Any], arms: list[dict[str, Any]], given: Any = None) -> Any:
    """
    Every configuration and seed: the deterministic value as a diamond, every other repeat as a point, with the interval
    in which 95 % of new repeats are expected. `arms` are those that the study lists; of one by modes there are none.
    """
    figure = axes(given)
    colors = arm_colors(arms)
    labelled: set[str] = set()
    ticks = []
    for place, row in enumerate(answer["rows"]):
        group = row["group"]
        ticks.append(f"{group['configurationLabel']}\nseed {group['seed']}")
        others = row["others"]
        for index, values in enumerate(others):
            x = place + 0.6 * index / len(others)
            _points(figure, x, values, colors.get(values["arm"], FREE), "o", labelled)
            interval = values["predictionInterval"]
            low, high = decode(interval["low"]), decode(interval["high"])
            if low is not None and high is not None:
                bar = "95 % prediction interval"
                label = None if bar in labelled else bar
                labelled.add(bar)
                figure.vlines(x, low, high, color=colors.get(values["arm"], FREE), alpha=0.35, linewidth=6, label=label)
        if row["deterministic"] is not None:
            own = row["deterministic"]
            _points(figure, place - 0.25, own, colors.get(own["arm"], DETERMINISTIC), "D", labelled)
    figure.set_xticks(range(len(ticks)), ticks)
    figure.set_xlim(-0.6, len(ticks) - 0.4)
    provenance = answer["provenance"]
    figure.set_ylabel(_label(provenance["metricLabel"], provenance["metricUnit"]))
    figure.set_title("\n".join(textwrap.wrap(answer["headline"]["sentence"], 90)), fontsize="medium", loc="left")
    if labelled:
        figure.legend(frameon=False)
    return figure


def _points(figure: Any, x: float, values: Mapping[str, Any], color: str, marker: str, labelled: set[str]) -> None:
    numbers = [decode(value) for value in values["values"]]
    name = values["arm"]
    label = None if name in labelled else name
    labelled.add(name)
    # Repeats lie side by side, always at the same places.
    spread = [x + 0.03 * ((index % 5) - 2) for index in range(len(numbers))]
    figure.plot(spread, numbers, marker, color=color, alpha=0.8, label=label)


def histories(curves: Iterable[tuple[Mapping[str, Any], Sequence[int], Sequence[Any]]], key: str, given: Any = None) -> Any:
    """One curve per run, in the colour of its arm."""
    figure = axes(given)
    labelled: set[str] = set()
    for run, steps, values in curves:
        label = None if run["arm"] in labelled else run["arm"]
        labelled.add(run["arm"])
        few = len(steps) < 50
        figure.plot(steps, values, color=arm_color(run["execution"]), alpha=0.7, label=label, marker="." if few else None)
    figure.set_xlabel("step or epoch")
    figure.set_ylabel(key)
    if labelled:
        figure.legend(frameon=False)
    return figure


def comparison(answer: Mapping[str, Any], metric: str | None = None, given: Any = None) -> Any:
    """Means of the groups with their 95 % intervals, on one metric (default: the first)."""
    figure = axes(given)
    about = next(one for one in answer["metrics"] if metric in (None, one["key"]))
    summaries = [one for one in answer["summaries"] if one["metric"] == about["key"]]
    colors = (*FURTHER, PLACEBO)
    for place, one in enumerate(summaries):
        mean = decode(one["mean"])
        low, high = decode(one["interval"]["low"]), decode(one["interval"]["high"])
        color = colors[place % len(colors)]
        if low is not None and high is not None:
            figure.vlines(place, low, high, color=color, linewidth=2)
        if mean is not None:
            figure.plot([place], [mean], "o", color=color)
        points = [decode(value) for value in one["points"] or []]
        figure.plot([place] * len(points), points, ".", color=color, alpha=0.7)
    figure.set_xlim(-0.6, len(summaries) - 0.4)
    figure.set_xticks(range(len(summaries)), [f"{one['group']}\n{one['runs']} runs" for one in summaries])
    figure.set_ylabel(_label(about["label"], about["unit"]) + ", mean and 95 % interval")
    said = [one["verdict"]["sentence"] for one in answer["comparisons"] if one["metric"] == about["key"]]
    figure.set_title("\n".join(textwrap.wrap(said[0] if said else "", 90)), fontsize="medium", loc="left")
    return figure


def _label(label: str, unit: str) -> str:
    return f"{label} ({unit})" if unit else label
