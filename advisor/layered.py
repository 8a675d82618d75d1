"""A layered layout: boxes in columns, links from left to right, few crossings, no box over another.

Written here because the libraries there are don't fit: grandalf, the one in plain Python, is under the GPL or EPL and
hardly kept, and the rest call Graphviz. What a trace needs is less than they do: its columns have a meaning and are
given, and all links that leave one box can share a trunk, which keeps a picture of hundreds of links legible.

The method is Sugiyama's: links over several columns get waypoints, columns are sorted by the mean place of their
neighbours until crossings no longer fall, and each box is then moved as near to its neighbours as its column allows.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

SWEEPS = 12

Point = tuple[str, int]
"""A box (with its column) or a waypoint: the trunk of a box where it passes a column."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything stands.

    Attributes:
        y: for each box, and each waypoint, the height of its middle; the uppermost edge is at 0.
        routes: for each link, the points that it passes, from source to target.
        height: the lowest edge.
    """

    y: Mapping[Point, float]
    routes: Mapping[tuple[str, str], tuple[Point, ...]]
    height: float


def place(columns: Sequence[Sequence[str]], heights: Mapping[str, float], links: Iterable[tuple[str, str]], gap: float,
          ) -> Layout:  # fmt: skip
    """Return a layout.

    Args:
        columns: the names of the boxes in each column; their order settles what the links leave open.
        heights: the height of each box.
        links: pairs of names; a link must lead to a column further right.
        gap: free space between two boxes of a column.
    """
    column = {name: number for number, names in enumerate(columns) for name in names}
    routes: dict[tuple[str, str], tuple[Point, ...]] = {}
    for source, target in links:
        passed = range(column[source] + 1, column[target])
        routes[source, target] = ((source, column[source]), *((source, at) for at in passed), (target, column[target]))
    ordered: list[list[Point]] = [[(name, number) for name in names] for number, names in enumerate(columns)]
    for route in routes.values():
        for point in route[1:-1]:
            if point not in ordered[point[1]]:
                ordered[point[1]].append(point)
    segments = {pair for route in routes.values() for pair in pairwise(route)}
    left: dict[Point, list[Point]] = {}
    right: dict[Point, list[Point]] = {}
    for one, other in sorted(segments):
        right.setdefault(one, []).append(other)
        left.setdefault(other, []).append(one)
    _untangle(ordered, left, right)
    tall = {(name, column[name]): height for name, height in heights.items()}
    y = _settle(ordered, left, right, tall, gap)
    top = min((y[point] - tall.get(point, 0) / 2 for point in y), default=0.0)
    y = {point: at - top for point, at in y.items()}
    return Layout(y, routes, max((at + tall.get(point, 0) / 2 for point, at in y.items()), default=0.0))


_Neighbours = Mapping[Point, Sequence[Point]]


def _untangle(ordered: list[list[Point]], left: _Neighbours, right: _Neighbours) -> None:
    """Sort the columns, in place, so that few links cross."""
    best, fewest = [list(points) for points in ordered], _crossings(ordered, right)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        numbers = range(1, len(ordered)) if forward else range(len(ordered) - 2, -1, -1)
        for number in numbers:
            beside = ordered[number - 1 if forward else number + 1]
            _sort(ordered[number], beside, left if forward else right)
        crossings = _crossings(ordered, right)
        if crossings < fewest:
            best, fewest = [list(points) for points in ordered], crossings
    ordered[:] = best


def _sort(points: list[Point], beside: list[Point], neighbours: _Neighbours) -> None:
    at = {point: number for number, point in enumerate(beside)}
    own = {point: number * len(beside) / max(len(points), 1) for number, point in enumerate(points)}

    def mean(point: Point) -> float:
        found = [at[other] for other in neighbours.get(point, ())]
        return sum(found) / len(found) if found else own[point]

    points.sort(key=mean)


def _crossings(ordered: list[list[Point]], right: _Neighbours) -> int:
    count = 0
    for points, beside in pairwise(ordered):
        at = {point: number for number, point in enumerate(beside)}
        met: list[int] = []
        for point in points:
            ends = sorted(at[other] for other in right.get(point, ()))
            count += sum(len(met) - bisect_right(met, end) for end in ends)
            for end in ends:
                insort(met, end)
    return count


def _settle(
    ordered: list[list[Point]], left: _Neighbours, right: _Neighbours, tall: Mapping[Point, float], gap: float
) -> dict[Point, float]:
    """Return the heights at which the points stand, each as near to its neighbours as order and gaps allow."""
    offsets: dict[Point, float] = {}
    for points in ordered:
        reach = 0.0
        for before, point in zip([None, *points], points, strict=False):
            if before is not None:
                # Trunks may run close to one another.
                space = gap if point in tall and before in tall else gap / 2 if point in tall or before in tall else 5
                reach += tall.get(before, 0) / 2 + space + tall.get(point, 0) / 2
            offsets[point] = reach
    middle = max((offsets[points[-1]] for points in ordered if points), default=0.0) / 2
    y = {
        point: offsets[point] - offsets[points[-1]] / 2 + middle for points in ordered for point in points
    }  # every column centred
    for sweep in range(SWEEPS * 2):
        both = sweep >= SWEEPS
        forward = sweep % 2 == 0
        for points in ordered if forward else reversed(ordered):
            wanted = []
            for point in points:
                sides = [left, right] if both else [left] if forward else [right]
                means = [sum(y[other] for other in side[point]) / len(side[point]) for side in sides if side.get(point)]
                wanted.append(sum(means) / len(means) if means else y[point])
            y.update(zip(points, _spaced(wanted, [offsets[point] for point in points]), strict=True))
    return y


def _spaced(wanted: Sequence[float], offsets: Sequence[float]) -> list[float]:
    """Return the places nearest to those wanted, in order and as far apart as the offsets are.

    Nearest by the sum of squares: less its offset each place may not fall, so that this is isotonic regression, and
    neighbours that would overlap move as one block.
    """
    blocks: list[tuple[float, int]] = []  # sum and number of the places in it
    for want, offset in zip(wanted, offsets, strict=True):
        total, count = want - offset, 1
        while blocks and blocks[-1][0] / blocks[-1][1] > total / count:
            before, number = blocks.pop()
            total, count = total + before, count + number
        blocks.append((total, count))
    base = [total / count for total, count in blocks for _ in range(count)]
    return [at + offset for at, offset in zip(base, offsets, strict=True)]
