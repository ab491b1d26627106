"""Simulates the random index that `ronghe.methods.ahp.random_index` holds: run as a module, it prints the table.

    python -m benchmarks.methods.random_index        about ten minutes; the seed makes every run print the same

Every judgment of a random matrix is one of the 17 values of Saaty's scale with equal chance; which judgments are
missing is drawn evenly among the choices that leave the items connected; the index is the mean of (λ_max − n) / (n − 1)
of the completion with the least λ_max. As a benchmark it holds the table against the published values.
"""

import sys

import numpy as np
from numpy.typing import NDArray

from benchmarks.result import Result
from ronghe.methods.ahp.completion import complete
from ronghe.methods.ahp.random_index import RANDOM_INDEX

SEED = 20241205
PATTERNS, MATRICES_A_PATTERN, COMPLETE_MATRICES = 200, 300, 600_000
LARGEST_INCOMPLETE, LARGEST = 10, 15
SCALE = np.log(np.array([1 / value for value in range(9, 1, -1)] + [float(value) for value in range(1, 10)]))

# Ágoston and Csató, "Inconsistency thresholds for incomplete pairwise comparison matrices", Omega 108, 2022, for n = 8
# with 0, 4 and 8 missing judgments.
PUBLISHED = {(8, 0): 1.404, (8, 4): 1.147, (8, 8): 0.890}


def random_logarithms(generator: np.random.Generator, count: int, size: int) -> NDArray[np.float64]:
    """Random matrices (count, size, size) of logarithms on Saaty's scale."""
    upper = np.triu_indices(size, 1)
    matrices = np.zeros((count, size, size))
    matrices[:, upper[0], upper[1]] = generator.choice(SCALE, (count, len(upper[0])))
    return matrices - matrices.transpose(0, 2, 1)


def is_connected(size: int, missing: NDArray[np.intp]) -> bool:
    """Whether the judgments that are left connect all items."""
    known = np.ones((size, size), dtype=bool)
    known[missing[:, 0], missing[:, 1]] = known[missing[:, 1], missing[:, 0]] = False
    return bool(np.linalg.matrix_power(known.astype(float), size)[0].all())


def simulate(size: int, missing: int) -> tuple[float, float]:
    """The random index of a size and a number of missing judgments, and its standard error."""
    generator = np.random.default_rng([SEED, size, missing])
    pairs = np.array([(i, j) for i in range(size) for j in range(i + 1, size)])
    means: list[float] = []
    count = MATRICES_A_PATTERN if missing else COMPLETE_MATRICES // PATTERNS
    while len(means) < PATTERNS:
        chosen = np.sort(generator.choice(len(pairs), missing, replace=False))
        if is_connected(size, pairs[chosen]):
            matrices = random_logarithms(generator, count, size)
            matrices[:, pairs[chosen, 0], pairs[chosen, 1]] = matrices[:, pairs[chosen, 1], pairs[chosen, 0]] = 0
            found = complete(matrices, pairs[chosen])
            means.append(float(np.mean(found.eigenvalue - size) / (size - 1)))
    return float(np.mean(means)), float(np.std(means, ddof=1) / np.sqrt(PATTERNS))


def main() -> None:
    """Print the table, one size a line, and the largest standard error."""
    errors = []
    for size in range(3, LARGEST + 1):
        most = (size - 1) * (size - 2) // 2 if size <= LARGEST_INCOMPLETE else 1
        found = [simulate(size, missing) for missing in range(most)]
        errors += [error for _, error in found]
        print(f"    {size}: ({', '.join(f'{value:.3f}' for value, _ in found)},),", flush=True)
    print(f"largest standard error {max(errors):.4f}", file=sys.stderr)


def run() -> list[Result]:
    """The table beside the published values."""
    return [
        Result(
            name=f"random index of {size} items with {missing} judgments missing",
            value=RANDOM_INDEX[size][missing],
            unit="",
            peer="Ágoston and Csató 2022",
            peer_value=published,
            goal="within 0.02",
            met=abs(RANDOM_INDEX[size][missing] - published) <= 0.02,
            command="python -m benchmarks.methods.random_index",
        )
        for (size, missing), published in PUBLISHED.items()
    ]


if __name__ == "__main__":
    main()
