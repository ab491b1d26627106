"""The `ronghe` command. Each sub-command is a module of this package that is imported only when it is called.

Nothing of Django is loaded by commands that need no server: `ronghe demand extract` starts in a second.
"""

import argparse
import importlib
import sys
from collections.abc import Sequence

import ronghe

# Name of the sub-command, its module, and the line that `ronghe --help` shows.
COMMANDS: dict[str, tuple[str, str]] = {
    "demand": ("ronghe.cli.demand", "read skills out of job advertisements"),
    "ahp": ("ronghe.cli.ahp", "weights from pairwise judgments"),
    "delphi": ("ronghe.cli.delphi", "consensus, stability and the stop rule of Delphi rounds"),
    "survival": ("ronghe.cli.survival", "time until an event: Kaplan–Meier, log-rank, Cox"),
    "effect": ("ronghe.cli.effect", "what an improvement changed: differences, series, synthetic control"),
    "index": ("ronghe.cli.index", "one score a community, with intervals of score and rank"),
    "maturity": ("ronghe.cli.maturity", "capability of nine areas and the staged level"),
    "match": ("ronghe.cli.match", "students to positions: stable, or the best within quotas"),
    "schedule": ("ronghe.cli.schedule", "chains of steps and projects with several skills, from published files"),
    "lexicon": ("ronghe.cli.lexicon", "check the lexicon and see which forms fire"),
    "ledger": ("ronghe.cli.ledger", "seal and check the ledger; audit another's"),
    "verify": ("ronghe.cli.verify", "check certificates, offline"),
    "witness": ("ronghe.cli.witness", "look after another's log and cosign that it only grows"),
    "credentials": ("ronghe.cli.credentials", "look after the keys of issuers"),
    "demo": ("ronghe.cli.demo", "serve the demonstration community"),
    "serve": ("ronghe.cli.serve", "serve the site with its worker and its sealer"),
    "manage": ("ronghe.cli.manage", "run one of Django's management commands"),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the sub-command that `arguments` name; return the exit status (2 for a call that makes no sense)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(
        prog="ronghe",
        description="Ronghe 融合: industry–education integration, from demand to verified improvement.",
        epilog="commands:\n" + "\n".join(f"  {name:<11} {line}" for name, (_module, line) in COMMANDS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"ronghe {ronghe.__version__}")
    parser.add_argument("command", choices=COMMANDS, metavar="command", help="one of the commands below")
    if not given or given[0].startswith("-"):
        parser.parse_args(given)
    name = parser.parse_args(given[:1]).command
    module, line = COMMANDS[name]
    own = argparse.ArgumentParser(prog=f"ronghe {name}", description=f"{line[0].upper()}{line[1:]}.")
    command = importlib.import_module(module)
    command.add_to(own)
    if getattr(command, "TAKES_REST", False):
        options, rest = own.parse_known_args(given[1:])
        options.rest = rest
    else:
        options = own.parse_args(given[1:])
    status: int = command.run(options)
    return status
