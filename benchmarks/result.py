"""One measured figure, beside its peer and its goal."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
    """A figure, its unit, what a named peer reached in the same run, the goal as written, and whether it is met."""

    name: str
    value: float
    unit: str
    peer: str | None = None
    peer_value: float | None = None
    ratio: float | None = None
    goal: str | None = None
    met: bool | None = None
    command: str = ""
