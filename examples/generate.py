"""Writes the sample tables of this folder. All are generated: no person, firm or community stands behind a line.

python examples/generate.py        the seed makes every run write the same tables
"""

import csv
import random
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

from openpyxl import Workbook

HERE = Path(__file__).resolve().parent
Rows = list[Sequence[object]]

CRITERIA = {"投入时长": 0.40, "成果转化": 0.15, "就业竞争力": 0.30, "满意度": 0.15}
RATIOS = [1 / value for value in range(9, 1, -1)] + [float(value) for value in range(1, 10)]
AREAS = [f"{dimension}.{stage}" for dimension in ("policy", "subject", "platform")
         for stage in ("matching", "integration", "evaluation")]  # fmt: skip


def judgments(generator: random.Random) -> Rows:
    """Seven experts compare four criteria; each leaves one pair out."""
    names = list(CRITERIA)
    pairs = [(first, second) for place, first in enumerate(names) for second in names[place + 1 :]]
    rows: Rows = [("expert", "first", "second", "ratio")]
    for expert in range(1, 8):
        left_out = generator.choice(pairs[1:-1])
        for first, second in pairs:
            wanted = CRITERIA[first] / CRITERIA[second] * generator.lognormvariate(0, 0.35)
            nearest = min(RATIOS, key=lambda ratio: abs(ratio / wanted - 1))
            written = f"{nearest:g}" if nearest >= 1 else f"1/{1 / nearest:g}"
            if (first, second) != left_out:
                rows.append((f"generated expert {expert}", first, second, written))
    return rows


def answers(generator: random.Random) -> Rows:
    """Nine experts rate four skills in two rounds; in the second they move towards the median of the first."""
    centres = {"嵌入式 Linux": 4.6, "FPGA": 4.2, "跨境电商运营": 3.0, "大模型微调": 3.4}
    rows: Rows = [("round", "expert", "item", "answer")]
    for item, centre in centres.items():
        spread = 1.6 if item == "跨境电商运营" else 0.7
        first = [min(5, max(1, round(generator.gauss(centre, spread)))) for _ in range(9)]
        median = sorted(first)[4]
        second = [value if generator.random() < 0.9 else value + (median > value) - (median < value) for value in first]
        for number, given in enumerate((first, second), start=1):
            rows += [(number, f"token {expert}", item, value) for expert, value in enumerate(given, start=1)]
    return rows


def durations(generator: random.Random) -> Rows:
    """Months at the employer of 60 graduates of an order class and 60 of others, observed for at most 24."""
    rows: Rows = [("unit", "time", "event", "group")]
    for place in range(120):
        ordered = place < 60
        left = generator.expovariate(1 / (40 if ordered else 22))
        seen = generator.uniform(8, 24)
        group = "order class" if ordered else "others"
        rows.append((f"generated {place + 1}", f"{min(left, seen):.1f}", int(left <= seen), group))
    return rows


def panel(generator: random.Random) -> Rows:
    """Twenty-four communities over twelve months; eight start an improvement in July and are 6 points up from then."""
    rows: Rows = [("unit", "period", "outcome", "start")]
    for place in range(24):
        treated = place < 8
        level = generator.gauss(62, 5)
        for month in range(1, 13):
            value = level + 0.3 * month + (6 if treated and month >= 7 else 0) + generator.gauss(0, 1.5)
            rows.append((f"generated {place + 1:02}", f"2025-{month:02}", f"{value:.2f}", "2025-07" if treated else ""))
    return rows


def values(generator: random.Random) -> Rows:
    """Four indicators of six communities with their intervals."""
    spans = {
        "企业投入时长": (90, 200, 20),
        "课程更新率": (0.08, 0.28, 0.05),
        "留任率": (0.55, 0.78, 0.06),
        "满意度": (0.7, 0.95, 0.05),
    }
    rows: Rows = [("共同体", "指标", "数值", "下限", "上限")]
    for community in "ABCDEF":
        for indicator, (low, high, half) in spans.items():
            value = generator.uniform(low, high)
            ends = (value - half, value + half)
            rows.append((f"生成 {community}", indicator, *(f"{number:.3f}" for number in (value, *ends))))
    return rows


def evidence(generator: random.Random) -> Rows:
    """Two practices an area and level with their instances over a year; higher levels have less evidence."""
    rows: Rows = [
        ("practice", "area", "level", "reference", "due", "evidence", "party", "corroboration", "corroborated_by")
    ]
    for area in AREAS:
        for level in (2, 3, 4, 5):
            for which in "ab":
                for number in range(1, (24 if level == 2 else 8) + 1):
                    due = date(2025, 9, 1) + timedelta(days=14 * number)
                    met = generator.random() < (1.0 if level == 2 else 1.1 - 0.1 * level)
                    given = (due + timedelta(days=3), "office", due + timedelta(days=5), "ledger") if met else ("",) * 4
                    rows.append((f"{area}.{level}{which}", area, level, number, due, *given))
    return rows


TABLES = {
    "generated-judgments.csv": judgments,
    "generated-answers.csv": answers,
    "generated-durations.csv": durations,
    "generated-panel.csv": panel,
    "generated-values.csv": values,
    "generated-evidence.xlsx": evidence,
}


def write(path: Path, rows: Iterable[Sequence[object]]) -> None:
    """One table as CSV with a byte order mark, which spreadsheets need for Chinese, or as XLSX."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(rows)
        return
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("generated")
    for row in rows:
        sheet.append(list(row))
    workbook.save(path)


def main() -> None:
    """Write every table."""
    for name, make in TABLES.items():
        write(HERE / name, make(random.Random(name)))  # noqa: S311 - samples, not secrets


if __name__ == "__main__":
    main()
