"""The answers of one Delphi round as a table of experts by items, and what can be wrong with them; judges nothing.

Experts are told apart by any text: a platform that keeps answers anonymous passes what stands for a token, not a name.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ronghe.methods.explained import UnmetAssumption

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scale:
    """The answers that are possible: from `low` to `high` in steps of `step`, or anything between for None."""

    low: float = 1
    high: float = 5
    step: float | None = 1

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise UnmetAssumption(
                "delphi.scale",
                f"the scale runs from {self.low:g} to {self.high:g}",
                "give two numbers, the lower first",
            )
        if self.step is not None and not 0 < self.step <= self.high - self.low:
            raise UnmetAssumption(
                "delphi.scale",
                f"a step of {self.step:g} on the scale from {self.low:g} to {self.high:g}",
                "give a step above 0 and within the scale, such as 1, or none for any answer between",
            )

    def holds(self, values: Floats) -> NDArray[np.bool_]:
        """Whether each value is an answer on this scale."""
        inside = (values >= self.low) & (values <= self.high)
        if self.step is None:
            return inside
        steps = (values - self.low) / self.step
        return inside & (np.abs(steps - np.round(steps)) < 1e-9)


@dataclass(frozen=True, slots=True, eq=False)
class Ratings:
    """Answers (experts, items), NaN where an expert did not answer an item.

    Raises `UnmetAssumption` when the table does not fit its experts and items, when two experts or two items have one
    name, when an answer is infinite, and when nobody answered anything.
    """

    experts: tuple[str, ...]
    items: tuple[str, ...]
    values: Floats

    def __post_init__(self) -> None:
        values = np.array(self.values, dtype=np.float64)
        if values.shape != (len(self.experts), len(self.items)):
            shape = " × ".join(map(str, values.shape))
            raise UnmetAssumption(
                "delphi.shape",
                f"the table is {shape} for {len(self.experts)} experts and {len(self.items)} items",
                "give one row an expert and one column an item",
            )
        for code, what, names in (
            ("delphi.one_answer", "expert", self.experts),
            ("delphi.distinct_items", "item", self.items),
        ):
            repeated = _repeated(names)
            if repeated:
                raise UnmetAssumption(
                    code, f"the {what} {', '.join(repeated)} is there more than once", "keep the one that counts"
                )
        infinite = np.argwhere(np.isinf(values))
        if len(infinite):
            expert, item = infinite[0]
            raise UnmetAssumption(
                "delphi.finite",
                f"{self.experts[expert]} answered “{self.items[item]}” with no finite number",
                "leave the answer out if there is none",
            )
        if not values.size or np.isnan(values).all():
            raise UnmetAssumption("delphi.answers", "there are no answers", "wait until an expert has answered")
        values.flags.writeable = False
        object.__setattr__(self, "values", values)

    @classmethod
    def of_rows(
        cls, rows: Sequence[Sequence[float | None]] | Floats, experts: Sequence[str] = (), items: Sequence[str] = ()
    ) -> Ratings:
        """From one row an expert, None where there is no answer; unnamed experts and items are numbered from 1."""
        if len({len(row) for row in rows}) > 1:
            lengths = sorted({len(row) for row in rows})
            raise UnmetAssumption(
                "delphi.shape", f"rows have from {lengths[0]} to {lengths[-1]} answers", "mark missing answers as None"
            )
        width = len(rows[0]) if len(rows) else 0
        values = np.array([[math.nan if value is None else value for value in row] for row in rows], dtype=np.float64)
        return cls(
            tuple(experts) or tuple(str(number) for number in range(1, len(rows) + 1)),
            tuple(items) or tuple(str(number) for number in range(1, width + 1)),
            values.reshape(len(rows), width),
        )

    @classmethod
    def of_answers(cls, answers: Iterable[tuple[str, str, float]]) -> Ratings:
        """From (expert, item, answer), one a row, in any order.

        Raises `UnmetAssumption` (`delphi.one_answer`) when an expert answers an item twice.
        """
        found: dict[tuple[str, str], float] = {}
        for expert, item, value in answers:
            if (expert, item) in found:
                raise UnmetAssumption(
                    "delphi.one_answer",
                    f"{expert} answered “{item}” twice: {found[expert, item]:g} and {value:g}",
                    "keep the answer that counts",
                )
            found[expert, item] = value
        experts = tuple(dict.fromkeys(expert for expert, _ in found))
        items = tuple(dict.fromkeys(item for _, item in found))
        row = {expert: index for index, expert in enumerate(experts)}
        column = {item: index for index, item in enumerate(items)}
        values = np.full((len(experts), len(items)), np.nan)
        for (expert, item), value in found.items():
            values[row[expert], column[item]] = value
        return cls(experts, items, values)

    def of_item(self, item: str) -> Floats:
        """The answers to an item, (experts,), NaN where there is none. Raises ValueError for an unknown item."""
        return np.asarray(self.values[:, self.items.index(item)])

    def require_on(self, scale: Scale) -> None:
        """Raise `UnmetAssumption` (`delphi.on_scale`) for the first answer that is not on the scale."""
        off = np.argwhere(~scale.holds(self.values) & ~np.isnan(self.values))
        if len(off):
            expert, item = off[0]
            steps = "" if scale.step is None else f" in steps of {scale.step:g}"
            raise UnmetAssumption(
                "delphi.on_scale",
                f"{self.experts[expert]} answered “{self.items[item]}” with {self.values[expert, item]:g}, "
                f"which is not on the scale from {scale.low:g} to {scale.high:g}{steps}",
                "correct the answer, or give the scale that was used",
            )


def _repeated(names: Sequence[str]) -> list[str]:
    seen: set[str] = set()
    again: dict[str, None] = {}
    for name in names:
        if name in seen:
            again[name] = None
        seen.add(name)
    return list(again)
