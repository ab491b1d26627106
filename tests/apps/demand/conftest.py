"""The lexicon, a source and skills that tests of demand share, and someone who watches the progress of work."""

import pytest

from ronghe.apps.demand import services
from ronghe.apps.demand.models import Skill, Source
from ronghe.apps.demand.services import Loaded
from ronghe.apps.jobs.registry import JobCancelled
from tests.factories import SkillFactory, SourceFactory


class Watcher:
    """Remembers the progress; asks to stop at the report of the number `stop_at`."""

    owner_id = 0

    def __init__(self, stop_at: int | None = None) -> None:
        self.reports: list[tuple[int, int | None]] = []
        self._stop_at = stop_at

    def report(self, done: int, total: int | None = None, message: str = "") -> None:
        self.reports.append((done, total))
        if len(self.reports) == self._stop_at:
            raise JobCancelled


@pytest.fixture
def lexicon(db: None) -> Loaded:
    """The lexicon that ships, loaded."""
    return services.load_lexicon(actor=None)


@pytest.fixture
def skill(db: None) -> Skill:
    return SkillFactory.create(name_zh="单片机", name_en="Microcontrollers")


@pytest.fixture
def other_skill(db: None) -> Skill:
    return SkillFactory.create(name_zh="实时操作系统", name_en="Real-time systems")


@pytest.fixture
def source(db: None) -> Source:
    return SourceFactory.create(name="校招网（示例）")
