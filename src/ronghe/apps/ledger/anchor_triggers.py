"""The triggers by which anchors and time stamps, once kept, refuse every change."""

from collections.abc import Iterable

from ronghe.apps.ledger.freezing import Trigger

_SAYS = "the ledger only grows: {verb} on {table} is refused"


def triggers() -> Iterable[Trigger]:
    """Return the triggers."""
    for table in ("ledger_anchor", "ledger_timestamp"):
        for verb in ("UPDATE", "DELETE"):
            yield Trigger(f"{table}_no_{verb.lower()}", table, verb, verb, "1 = 1", _SAYS)
