"""Flows through columns of nodes, as SVG paths: pure, no script, a table beside."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .scale import px

WIDTH, HEIGHT, TOP = 760, 360, 28
BAR, GAP = 12, 14
Way = tuple[Sequence[str], int, str]  # a node per column, how many, the name of a colour


@dataclass
class Sankey:
    """Everything a template needs, coordinates already text."""

    title: str
    width: int = WIDTH
    height: int = HEIGHT
    heads: list[dict[str, str]] = field(default_factory=list)
    nodes: list[dict[str, str]] = field(default_factory=list)
    ribbons: list[dict[str, str]] = field(default_factory=list)


def draw(
    title: str, heads: Sequence[str], ways: Sequence[Way], say: Callable[[int], str]
) -> Sankey:
    """Nodes stand in the order of their size; a ribbon is as thick as many took it."""
    made = Sankey(title)
    total = sum(count for _nodes, count, _name in ways)
    if not total:
        return made
    columns = [_sizes(ways, n) for n in range(len(heads))]
    most = max(len(column) for column in columns)
    scale = (HEIGHT - TOP - GAP * (most - 1) - 4) / total
    step = (WIDTH - BAR) / (len(heads) - 1)
    tops = [_tops(column, scale) for column in columns]
    last = len(heads) - 1
    for n, column in enumerate(columns):
        anchor = "end" if n == last else "start"
        text = step * n - 6 if n == last else step * n + BAR + 6
        edge = step * n + BAR if n == last else step * n
        made.heads.append({"label": heads[n], "x": px(edge), "anchor": anchor})
        for node, size in column.items():
            top = tops[n][node]
            made.nodes.append(
                {
                    "x": px(step * n), "y": px(top), "w": px(BAR), "h": px(max(size * scale, 1)),
                    "tx": px(text), "ty": px(top + size * scale / 2), "anchor": anchor,
                    "label": node, "said": say(size),
                }
            )  # fmt: skip
    for n in range(last):
        made.ribbons += _ribbons(ways, n, tops, scale, step, say)
    return made


def _sizes(ways: Sequence[Way], column: int) -> dict[str, int]:
    sizes: dict[str, int] = defaultdict(int)
    for nodes, count, _name in ways:
        sizes[nodes[column]] += count
    return dict(sorted(sizes.items(), key=lambda one: (-one[1], one[0])))


def _tops(column: dict[str, int], scale: float) -> dict[str, float]:
    tops, at = {}, float(TOP)
    for node, size in column.items():
        tops[node] = at
        at += size * scale + GAP
    return tops


def _ribbons(
    ways: Sequence[Way],
    column: int,
    tops: list[dict[str, float]],
    scale: float,
    step: float,
    say: Callable[[int], str],
) -> list[dict[str, str]]:
    """Between two columns, each pair of nodes and colour once."""
    sizes: dict[tuple[str, str, str], int] = defaultdict(int)
    for nodes, count, name in ways:
        sizes[nodes[column], nodes[column + 1], name] += count
    left, right = dict(tops[column]), dict(tops[column + 1])
    x1, x2 = step * column + BAR, step * (column + 1)
    middle, made = (x1 + x2) / 2, []
    order = list(tops[column]), list(tops[column + 1])
    for (one, other, name), size in sorted(
        sizes.items(),
        key=lambda way: (order[0].index(way[0][0]), order[1].index(way[0][1]), way[0][2]),
    ):
        thick = size * scale
        a, b = left[one], right[other]
        left[one], right[other] = a + thick, b + thick
        path = (
            f"M{px(x1)},{px(a)} C{px(middle)},{px(a)} {px(middle)},{px(b)} {px(x2)},{px(b)} "
            f"L{px(x2)},{px(b + thick)} C{px(middle)},{px(b + thick)} {px(middle)},{px(a + thick)} "
            f"{px(x1)},{px(a + thick)} Z"
        )
        made.append({"name": name, "path": path, "words": f"{one} → {other}: {say(size)}"})
    return made
