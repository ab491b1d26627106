"""Runs the benchmarks of one part or of all, prints a table and writes `var/benchmarks.json`."""

import importlib
import json
import platform
import sys
from dataclasses import asdict
from pathlib import Path

from benchmarks.result import Result

# One part a station or floor; a part without a line has nothing to measure yet.
PARTS: dict[str, tuple[str, ...]] = {
    "demand": (
        "benchmarks.demand.dictionary_pass",
        "benchmarks.demand.skill_gold",
        "benchmarks.demand.chinese",
        "benchmarks.pages",
    ),
    "response": (
        "benchmarks.response.cri_properties",
        "benchmarks.response.cri_bootstrap",
        "benchmarks.response.cri_coverage",
        "benchmarks.response.lags",
        "benchmarks.response.forecasts",
        "benchmarks.response.relevance",
    ),
    "methods": (
        "benchmarks.methods.coverage",
        "benchmarks.methods.index_coverage",
        "benchmarks.methods.index_speed",
        "benchmarks.methods.rank_stability",
        "benchmarks.methods.maturity",
        "benchmarks.methods.ahp_speed",
        "benchmarks.methods.random_index",
        "benchmarks.methods.did_speed",
        "benchmarks.methods.synthetic_speed",
        "benchmarks.methods.verdicts",
        "benchmarks.methods.power",
        "benchmarks.methods.reliability",
    ),
    "trust": (
        "benchmarks.ledger",
        "benchmarks.trust.credentials",
        "benchmarks.trust.mutations",
        "benchmarks.trust.bundle",
        "benchmarks.trust.mutations_bundle",
        "benchmarks.trust.audit",
        "benchmarks.trust.kills",
        "benchmarks.trust.issue",
        "benchmarks.trust.verify_http",
    ),
    "policy": ("benchmarks.policy.obligations",),
    "training": (
        "benchmarks.training.credits",
        "benchmarks.training.bookings",
        "benchmarks.training.matching",
        "benchmarks.training.rotation",
        "benchmarks.training.week",
        "benchmarks.training.repair",
        "benchmarks.training.capacity",
        "benchmarks.training.published",
    ),
    "simulation": (),
    "outcomes": (),
}
OUTPUT = Path("var/benchmarks.json")


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:,.4g}"


def print_table(results: list[Result]) -> None:
    """One line a figure: what was measured, beside which peer, against which goal."""
    header = ("figure", "value", "unit", "peer", "peer's", "ratio", "goal", "met")
    rows = [
        (
            result.name,
            _cell(result.value),
            result.unit,
            result.peer or "",
            _cell(result.peer_value),
            _cell(result.ratio),
            result.goal or "",
            {True: "yes", False: "NO", None: ""}[result.met],
        )
        for result in results
    ]
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    for row in [header, *rows]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def main(arguments: list[str]) -> int:
    """Run the parts named (all when none is); 2 when a name is unknown."""
    unknown = [name for name in arguments if name not in PARTS]
    if unknown:
        print(f"no benchmarks named {', '.join(unknown)}; there are: {', '.join(PARTS)}", file=sys.stderr)
        return 2
    results: list[Result] = []
    for part in arguments or PARTS:
        for module in PARTS[part]:
            print(f"running {module} …", file=sys.stderr)
            results.extend(importlib.import_module(module).run())
    print_table(results)
    OUTPUT.parent.mkdir(exist_ok=True)
    machine = {"python": platform.python_version(), "machine": platform.machine(), "system": platform.system()}
    OUTPUT.write_text(
        json.dumps(
            {"machine": machine, "results": [asdict(result) for result in results]}, ensure_ascii=False, indent=1
        )
    )
    print(f"written to {OUTPUT}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
