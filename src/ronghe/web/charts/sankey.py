"""Flows that divide and join on their way, across on a wide page and down on a phone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ronghe.web.charts.scales import in_square, text_width


@dataclass(frozen=True, slots=True)
class Node:
    """A stage's bar: `along` the flow and `across` it, and how much of the breadth it takes, all in per cent.

    `line` counts the lines of text by which a label is lifted when the flows run down and labels would touch.
    """

    label: str
    value: float
    along: float
    across: float
    breadth: float
    text: str
    label_place: float
    label_anchor: str
    line: int

    @property
    def middle(self) -> float:
        """The middle of the bar."""
        return self.across + self.breadth / 2


@dataclass(frozen=True, slots=True)
class Flow:
    """A ribbon between two nodes: its outline in the square, running across and running down."""

    source: str
    target: str
    value: float
    across: str
    down: str


@dataclass(frozen=True, slots=True)
class Sankey:
    """Nodes in stages and the flows between them; `rows` is the size of the fullest stage."""

    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]
    rows: int
    stages: int


NODE_LENGTH = 1.2
# The width for which labels are laid out when the flows run down: a phone's card.
NARROW = 290.0


def sankey(links: Sequence[tuple[str, str, float]], write: Callable[[float], str]) -> Sankey:
    """Lay out flows: a node's stage is its longest way from a source, its breadth its throughput.

    Within a stage nodes keep the order in which they first appear, which the caller chooses. Raises ValueError for a
    flow that is not positive or for flows that go round in a circle.
    """
    if any(not value > 0 for _, _, value in links):
        raise ValueError("every flow needs a positive value")
    names = list(dict.fromkeys(name for source, target, _ in links for name in (source, target)))
    stage = _stages(names, [(source, target) for source, target, _ in links])
    size = {name: max(_sum(links, target=name), _sum(links, source=name)) for name in names}
    last = max(stage.values(), default=0)
    groups = [[name for name in names if stage[name] == index] for index in range(last + 1)] if names else []
    rows = max((len(group) for group in groups), default=0)
    gap = min(6.0, 40.0 / max(rows - 1, 1))
    unit = min(((100 - gap * (len(group) - 1)) / sum(size[name] for name in group) for group in groups), default=0.0)
    along = {name: 0.0 if last == 0 else stage[name] * (100 - NODE_LENGTH) / last for name in names}
    across: dict[str, float] = {}
    nodes: list[Node] = []
    for group in groups:
        used = sum(size[name] for name in group) * unit + gap * (len(group) - 1)
        position = (100 - used) / 2
        for name in group:
            across[name] = position
            position += size[name] * unit + gap
        nodes.extend(_nodes(group, size, along, across, unit, write))
    return Sankey(tuple(nodes), tuple(_flows(links, along, across, unit)), rows, last + 1)


def _sum(links: Sequence[tuple[str, str, float]], *, source: str = "", target: str = "") -> float:
    return sum(value for start, end, value in links if (source and start == source) or (target and end == target))


def _nodes(
    group: Sequence[str],
    size: Mapping[str, float],
    along: Mapping[str, float],
    across: Mapping[str, float],
    unit: float,
    write: Callable[[float], str],
) -> list[Node]:
    ends: list[float] = []  # for each line of text, where its last label ends
    nodes = []
    for name in group:
        text = f"{name} {write(size[name])}"
        width = 100 * text_width(text) / NARROW
        middle = across[name] + size[name] * unit / 2
        start = max(0.0, min(middle - width / 2, 100 - width))
        anchor = "start" if start == 0 else "end" if start == 100 - width else "middle"
        place = {"start": 0.0, "end": 100.0, "middle": middle}[anchor]
        line = next((index for index, end in enumerate(ends) if start > end + 2), len(ends))
        ends[line : line + 1] = [start + width]
        nodes.append(
            Node(
                name,
                size[name],
                round(along[name], 3),
                round(across[name], 3),
                round(size[name] * unit, 3),
                text,
                round(place, 3),
                anchor,
                line,
            )
        )
    return nodes


def _flows(
    links: Sequence[tuple[str, str, float]], along: Mapping[str, float], across: Mapping[str, float], unit: float
) -> list[Flow]:
    # Ribbons leave and arrive in the order of the nodes at their other end, so that fewer of them cross.
    leaving, arriving = dict(across), dict(across)
    start: dict[int, float] = {}
    end: dict[int, float] = {}
    for index in sorted(range(len(links)), key=lambda i: across[links[i][1]]):
        start[index] = leaving[links[index][0]]
        leaving[links[index][0]] += links[index][2] * unit
    for index in sorted(range(len(links)), key=lambda i: across[links[i][0]]):
        end[index] = arriving[links[index][1]]
        arriving[links[index][1]] += links[index][2] * unit
    return [
        Flow(
            source,
            target,
            value,
            _ribbon(along[source] + NODE_LENGTH, start[index], along[target], end[index], value * unit, down=False),
            _ribbon(along[source] + NODE_LENGTH, start[index], along[target], end[index], value * unit, down=True),
        )
        for index, (source, target, value) in enumerate(links)
    ]


def _ribbon(
    from_along: float, from_across: float, to_along: float, to_across: float, breadth: float, *, down: bool
) -> str:
    def at(along: float, across: float) -> str:
        first, second = (across, along) if down else (along, across)
        return f"{in_square(first):.1f} {in_square(second):.1f}"

    half = (from_along + to_along) / 2
    return (
        f"M{at(from_along, from_across)}"
        f"C{at(half, from_across)} {at(half, to_across)} {at(to_along, to_across)}"
        f"L{at(to_along, to_across + breadth)}"
        f"C{at(half, to_across + breadth)} {at(half, from_across + breadth)} {at(from_along, from_across + breadth)}Z"
    )


def _stages(names: Sequence[str], edges: Sequence[tuple[str, str]]) -> Mapping[str, int]:
    stage = dict.fromkeys(names, 0)
    # In a graph without circles the longest way has fewer edges than there are nodes.
    for _ in names:
        changed = False
        for source, target in edges:
            if stage[target] < stage[source] + 1:
                stage[target] = stage[source] + 1
                changed = True
        if not changed:
            return stage
    if edges:
        raise ValueError("the flows go round in a circle")
    return stage
