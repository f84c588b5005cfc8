"""The few kinds of picture that the reports use. Each returns what `_plot.html` draws.

Series are told apart by colour and by dash or marker; every point has words for the reader."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .scale import Scale, px, ticks

WIDTH, HEIGHT = 560, 270
NARROW = 360  # what a phone shows without scrolling
LEFT, RIGHT, TOP, BOTTOM = 58, 12, 12, 30


@dataclass
class Series:
    """One line or one colour of bars; `name` is also its CSS class."""

    name: str
    label: str
    values: Sequence[float | None]
    dash: str = ""


@dataclass
class Plot:
    """Everything a template needs, coordinates already text."""

    title: str
    width: int = WIDTH
    height: int = HEIGHT
    y_ticks: list[dict[str, str]] = field(default_factory=list)
    x_ticks: list[dict[str, str]] = field(default_factory=list)
    bars: list[dict[str, str]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    bands: list[dict[str, str]] = field(default_factory=list)
    intervals: list[dict[str, str]] = field(default_factory=list)
    legend: list[dict[str, str]] = field(default_factory=list)
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


def _frame(plot: Plot, marks: list[float], say: Any, labels: Sequence[str]) -> tuple[Scale, Scale]:
    y = Scale(0, marks[-1], HEIGHT - BOTTOM, TOP)
    plot.y_ticks = [
        {"y": px(y(m)), "label": say(m), "x1": px(LEFT), "x2": px(WIDTH - RIGHT)} for m in marks
    ]
    x = Scale(0, max(len(labels), 1), LEFT, WIDTH - RIGHT)
    every = max(1, round(len(labels) / 8))
    plot.x_ticks = [
        {"x": px(x(n + 0.5)), "y": px(HEIGHT - 8), "label": label}
        for n, label in enumerate(labels)
        if n % every == 0
    ]
    return x, y


def stacked_bars(
    title: str, labels: Sequence[str], series: Sequence[Series], *, first_column: str = ""
) -> Plot:
    """Counts per label, one colour per series, stacked."""
    plot = Plot(title)
    sums = [sum(s.values[n] or 0 for s in series) for n in range(len(labels))]
    marks = ticks(max(sums, default=0), whole=True)
    x, y = _frame(plot, marks, lambda m: f"{m:.0f}", labels)
    wide = (x(1) - x(0)) * 0.72
    for n, label in enumerate(labels):
        base = 0.0
        for one in series:
            value = one.values[n] or 0
            if value:
                top, bottom = y(base + value), y(base)
                plot.bars.append(
                    {
                        "x": px(x(n + 0.5) - wide / 2),
                        "y": px(top),
                        "w": px(wide),
                        "h": px(bottom - top),
                        "name": one.name,
                        "words": f"{label}, {one.label}: {value:.0f}",
                    }
                )
            base += value
    plot.legend = [{"name": s.name, "label": s.label} for s in series]
    plot.head = [first_column, *(s.label for s in series)]
    plot.rows = [
        [label, *(f"{s.values[n] or 0:.0f}" for s in series)] for n, label in enumerate(labels)
    ]
    return plot


def lines(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    say: Any,
    unit: float = 1,
    whole: bool = False,
    band: tuple[float, float] | None = None,
    band_label: str = "",
    first_column: str = "",
) -> Plot:
    """Values per label as lines with points; a gap where there is no value. `say` words a
    value, `unit` is what the axis counts in, `whole` for counts."""
    plot = Plot(title)
    known = [v for s in series for v in s.values if v is not None]
    marks = ticks(max([*known, (band or (0, 0))[1] * 1.15]), whole=whole or unit != 1, unit=unit)
    x, y = _frame(plot, marks, say, labels)
    if band:
        plot.bands.append(
            {
                "x": px(LEFT),
                "w": px(WIDTH - RIGHT - LEFT),
                "y": px(y(band[1])),
                "h": px(y(band[0]) - y(band[1])),
                "label": band_label,
            }
        )
    for one in series:
        points = [
            {
                "x": px(x(n + 0.5)),
                "y": px(y(value)),
                "words": f"{labels[n]}, {one.label}: {say(value)}",
            }
            for n, value in enumerate(one.values)
            if value is not None
        ]
        plot.lines.append(
            {
                "name": one.name,
                "dash": one.dash,
                "points": points,
                "path": " ".join(f"{p['x']},{p['y']}" for p in points),
            }
        )
    plot.legend = [{"name": s.name, "label": s.label, "dash": s.dash} for s in series]
    plot.head = [first_column, *(s.label for s in series)]
    plot.rows = [
        [label, *("–" if s.values[n] is None else say(s.values[n]) for s in series)]
        for n, label in enumerate(labels)
    ]
    return plot


@dataclass(frozen=True)
class Estimate:
    """A share with its interval, 0..1; `grey` when it rests on too few answers."""

    name: str
    label: str
    share: float | None
    low: float
    high: float
    words: str
    grey: bool = False


def intervals(title: str, estimates: Sequence[Estimate], *, head: Sequence[str]) -> Plot:
    """One row per estimate: a point on its 95 % interval, all on one scale from 0 to 100 %."""
    height = TOP + 44 * len(estimates) + BOTTOM
    plot = Plot(title, width=NARROW, height=height)
    x = Scale(0, 1, 100, NARROW - 24)
    plot.x_ticks = [
        {
            "x": px(x(n / 5)),
            "y": px(height - 8),
            "label": f"{n * 20} %",
            "y1": px(TOP),
            "y2": px(height - BOTTOM),
        }
        for n in range(6)
    ]
    for n, one in enumerate(estimates):
        row = {
            "name": one.name,
            "label": one.label,
            "y": px(TOP + 44 * n + 22),
            "words": one.words,
            "grey": "grey" if one.grey else "",
            "known": "",
        }
        if one.share is not None:
            row |= {
                "known": "1",
                "x": px(x(one.share)),
                "x1": px(x(one.low)),
                "x2": px(x(one.high)),
            }
        plot.intervals.append(row)
    plot.head = list(head)
    plot.rows = [[one.label, one.words] for one in estimates]
    return plot
