"""Splits the counts of a class into one row of stays for each of its groups; decides nothing about the counts.

Counts n(t, b) of a class of k groups, at most k in a fortnight and k·r(f) at each family f, are edges of a bipartite
multigraph between fortnights and families. With each family split into r(f) copies of degree k its edges colour with k
colours (König, *Mathematische Annalen* 77, 1916), and a colour is a group's row: one bay a fortnight, r(f) stays at f.
The colours are peeled off one by one: a matching that covers all copies and each fortnight in which all groups left
must work always exists.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

Edge = tuple[int, int]
_NEVER, _DUE = 1e6, 1e3


def spread(
    groups: int,
    needs: Mapping[str, int],
    counts: Mapping[Edge, int],
    families: Mapping[int, str],
    away: frozenset[int],
    most_away: int | None,
) -> list[dict[int, int]] | None:
    """For each group the bay of each fortnight; `counts` is by (fortnight, bay), `away` the bays away from home.

    None where a group would be away more often than `most_away`. Days away are dealt out evenly.
    """
    left = dict(counts)
    fortnights = sorted({at for at, _ in counts})
    copies = [family for family in sorted(needs) for _ in range(needs[family])]
    rows: list[dict[int, int]] = []
    for number in range(groups):
        remaining = groups - number
        total_away = sum(count for (_, bay), count in left.items() if bay in away)
        row = _peel(left, fortnights, copies, families, away, remaining, total_away)
        if most_away is not None and sum(bay in away for bay in row.values()) > most_away:
            return None
        for at, bay in row.items():
            left[at, bay] -= 1
        rows.append(row)
    return rows


def _peel(
    left: Mapping[Edge, int],
    fortnights: list[int],
    copies: list[str],
    families: Mapping[int, str],
    away: frozenset[int],
    remaining: int,
    total_away: int,
) -> dict[int, int]:
    """One group's row: a perfect matching of family copies to fortnights, its days away near the mean of those left."""
    from scipy.optimize import linear_sum_assignment  # SciPy is loaded where a plan is made, not with every page.

    chosen: dict[int, int] = {}
    if not copies:
        return chosen
    due = {at: sum(left.get((at, bay), 0) for bay in families) >= remaining for at in fortnights}
    options: dict[tuple[str, int], dict[bool, int]] = {}
    for (at, bay), count in sorted(left.items()):
        if count > 0:
            sides = options.setdefault((families[bay], at), {})
            side = bay in away
            if side not in sides or left[at, sides[side]] < count:
                sides[side] = bay
    want = total_away / remaining
    best = float("inf"), chosen
    # A price on being away, raised and lowered until the row is away about as often as the mean of those left; the
    # cells' own small differences make the number of days away change by one at a time.
    own = (np.arange(len(copies))[:, None] * 31 + np.arange(len(fortnights)) * 17 + remaining * 7) % 23 / 23
    low, high = -2.0, 2.0
    for _ in range(14):
        price = (low + high) / 2
        cost = np.full((len(copies), len(fortnights)), _NEVER)
        for row, family in enumerate(copies):
            for column, at in enumerate(fortnights):
                if (family, at) in options:
                    prices = [(price + own[row, column]) * side for side in options[family, at]]
                    cost[row, column] = min(prices) - _DUE * due[at]
        took, where = linear_sum_assignment(cost)
        chosen = {}
        for row, column in zip(took.tolist(), where.tolist(), strict=True):
            sides = options[copies[row], fortnights[column]]
            here = price + own[row, column]
            chosen[fortnights[column]] = sides[here < 0] if len(sides) > 1 else next(iter(sides.values()))
        found = sum(bay in away for bay in chosen.values())
        miss = abs(found - want)
        if miss < best[0]:
            best = miss, chosen
        if miss < 1:
            break
        if found > want:
            low = price
        else:
            high = price
    return best[1]
