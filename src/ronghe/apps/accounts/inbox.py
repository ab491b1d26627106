"""What waits for a person, in the one shape that every station tells it in. It finds nothing itself."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits for somebody; `state` is the sign it bears, "bad" when it is overdue."""

    title: str
    text: str
    due: date | None
    url: str
    state: str = "warn"
    action_label: str = ""
    kind: str = ""

    @property
    def action_url(self) -> str:
        """Where it is done."""
        return self.url
