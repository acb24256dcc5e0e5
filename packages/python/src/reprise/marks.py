"""How arms, digests and verdicts are drawn: the colours of the dashboard (`apps/dashboard/src/shared/marks`)."""

from __future__ import annotations

from typing import Any, Mapping

# Okabe and Ito's, with meanings that are the same everywhere in Reprise.
DETERMINISTIC, FREE, PLACEBO = "#0072B2", "#D55E00", "#CC79A7"
FURTHER = ("#009E73", "#E69F00", "#56B4E9", "#B8A800")

# Twelve hues for digests.
DIGESTS = (
    "#d2666a",
    "#ba5d1d",
    "#b07d14",
    "#808000",
    "#5a9a4b",
    "#00946d",
    "#009aa3",
    "#0087bc",
    "#5b8cdf",
    "#7b69c6",
    "#ae6fbe",
    "#b55386",
)

# What a reader takes away at a glance: sign and colour of a verdict's tone.
TONES = {"good": ("✓", "#00946d"), "attention": ("!", "#b07d14"), "neutral": ("•", "#767676"), "contradiction": ("✗", "#c92a2a")}


def arm_color(execution: Mapping[str, Any]) -> str:
    """The colour of an arm, by how it is executed."""
    if execution["order"] == "permuted":
        return PLACEBO
    return DETERMINISTIC if execution["order"] == "fixed" and execution["algorithms"] == "deterministic" else FREE


def arm_colors(arms: list[dict[str, Any]]) -> dict[str, str]:
    """Arm → colour; of several arms of one kind, the further ones have colours of their own."""
    colors: dict[str, str] = {}
    further = 0
    for arm in arms:
        color = arm_color(arm["execution"])
        if color in colors.values():
            color = FURTHER[further % len(FURTHER)]
            further += 1
        colors[arm["name"]] = color
    return colors


def digest_color(digest: str) -> str:
    """Equal digests have equal colours: FNV-1a over the text chooses one."""
    value = 0x811C9DC5
    for character in digest:
        value = ((value ^ ord(character)) * 0x01000193) & 0xFFFFFFFF
    return DIGESTS[value % len(DIGESTS)]
