"""The demonstration's demand rounds: a panel that experts have answered, forecasts with outcomes, two white papers.

The index of the community is computed last, of all that stands then.
"""

import random
from collections.abc import Sequence
from datetime import date, timedelta

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from ronghe.apps.accounts import services as accounts
from ronghe.apps.accounts.models import Person
from ronghe.apps.community import services as community
from ronghe.apps.community.models import Organisation, RoleKind
from ronghe.apps.curriculum import readings
from ronghe.apps.demand import selectors
from ronghe.apps.demand import services as demand
from ronghe.apps.demand.figures import shift_month
from ronghe.apps.demand.models import Panel, RoundKind, Skill
from ronghe.apps.demand.services import ItemData, PairwiseAnswer, PanelData, RatingAnswer, RoundData
from ronghe.apps.demo.cast import EMAIL_DOMAIN
from ronghe.apps.jobs.registry import Progress

SITE = "http://localhost:8000/"
_EXPERTS = (
    ("许文舟", RoleKind.TEACHER, "linghai"),
    ("邓可欣", RoleKind.TEACHER, "linghai"),
    ("沈知远", RoleKind.TEACHER, "duanjiang"),
    ("陆晓岚", RoleKind.TEACHER, "duanjiang"),
    ("方启明", RoleKind.MENTOR, "nanyu"),
    ("孔令仪", RoleKind.MENTOR, "yunji"),
    ("温景行", RoleKind.MENTOR, "heguang"),
    ("白露", RoleKind.ENTERPRISE_HR, "xingqiao"),
    ("Marcus Lee", RoleKind.MENTOR, "lanternfish"),
)
_STATEMENT = ItemData("至少一半实践学时应在企业完成", "At least half of the practice hours belong into enterprises")
_ITEMS = 5
_REASONS = ("现有产线已大量使用。", "三年内才会普及，不必急于开课。", "We already train it in house.")


class _Letterbox(BaseEmailBackend):
    """Keeps the mails of the demonstration, so that its experts can be made to answer."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[str] = []

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.bodies += [str(message.body) for message in email_messages]
        return len(email_messages)

    @property
    def tokens(self) -> list[str]:
        """The tokens in the mails."""
        return [body.rsplit("#", 1)[1].split()[0] for body in self.bodies]


def build(office: Person, organisations: dict[str, Organisation], today: date, progress: Progress) -> None:
    """Build the rounds on top of the postings that were read."""
    panel = _panel(office, _experts(office, organisations, today), today)
    latest = selectors.default_window()
    _forecasts(office, today, progress)
    for months, name_zh, name_en in (
        (6, "上半期人才需求白皮书（示例）", "First-half white paper (Example)"),
        (0, "年度人才需求白皮书（示例）", "Yearly white paper (Example)"),
    ):
        last = min(shift_month(latest.end, 1 - months) - timedelta(days=1), today)
        started = demand.start_round(
            actor=office,
            data=RoundData(name_zh, shift_month(last, -11), last, name_en, None, None if months else panel),
        )
        demand.freeze_round(actor=office, round=started, revision=started.revision)
    # The first pages show the index at once, and not only that it is being computed.
    readings.compute(None, progress.report)


def _experts(office: Person, organisations: dict[str, Organisation], today: date) -> list[Person]:
    people = []
    for number, (name, kind, where) in enumerate(_EXPERTS):
        person = accounts.add_person(actor=office, email=f"expert.{number}@{EMAIL_DOMAIN}", name=name)
        community.appoint(
            actor=office, person=person, organisation=organisations[where], kind=kind, valid_from=today.replace(day=1)
        )
        people.append(person)
    return people


def _panel(office: Person, experts: list[Person], today: date) -> Panel:
    """A panel with two rounds of rating and one of comparison, and one more whose first round is open."""
    rows = selectors.overview().page.object_list
    skills = Skill.objects.in_bulk([row.skill.key for row in rows[:_ITEMS]]).values()
    items = [ItemData(skill.name_zh, skill.name_en, skill) for skill in skills] + [_STATEMENT]
    question = (
        "未来两年培养方案中，下列各项有多重要？",
        "How important is each for the programmes of the next two years?",
    )
    data = PanelData(
        "培养重点专家论证（示例）", question[0], items, experts, "Priorities of teaching (Example)", question[1]
    )
    panel = demand.prepare_panel(actor=office, data=data)
    rng = random.Random(11)  # noqa: S311
    letters = _Letterbox()
    due = today + timedelta(days=14)
    centre = [5, 4, 3, 4, 2, 5]
    for number, spread in ((1, 1.1), (2, 0.5)):
        demand.open_round(actor=office, panel=panel, kind=RoundKind.RATING, due_on=due, site=SITE, mail=letters)
        for token in letters.tokens:
            ratings = [min(5, max(1, round(rng.gauss(middle, spread)))) for middle in centre]
            _rate(token, number, ratings, rng)
        demand.close_round(actor=office, panel=panel, number=number)
    demand.open_round(actor=office, panel=panel, kind=RoundKind.PAIRWISE, due_on=due, site=SITE, mail=letters)
    for token in letters.tokens:
        _compare(token, centre, rng)
    demand.close_round(actor=office, panel=panel, number=3)
    return demand.end_panel(actor=office, panel=panel)


def _rate(token: str, number: int, ratings: list[int], rng: random.Random) -> None:
    keys = [item.pk for item in demand.take_seat(token).items]
    demand.answer(
        token=token,
        number=number,
        content=RatingAnswer(
            ratings=dict(zip(keys, ratings, strict=True)),
            familiarity=rng.choice((1.0, 0.8, 0.8, 0.6)),
            bases={"practice": rng.choice((0, 0, 1)), "theory": rng.choice((0, 1)), "literature": 1, "intuition": 2},
            reasons={key: rng.choice(_REASONS) for key in keys},
        ),
    )


def _compare(token: str, centre: list[int], rng: random.Random) -> None:
    keys = sorted(item.pk for item in demand.take_seat(token).items)
    ratios = {}
    for one, first in enumerate(keys):
        for other in range(one + 1, len(keys)):
            step = max(-8, min(8, 2 * (centre[one] - centre[other]) + rng.choice((-1, 0, 0, 1))))
            ratios[first, keys[other]] = float(step + 1) if step >= 0 else 1 / (1 - step)
    demand.answer(token=token, number=3, content=PairwiseAnswer(ratios))


def _forecasts(office: Person, today: date, progress: Progress) -> None:
    """Forecasts as they would have been made five months ago, with what came, and today's."""
    for day in (shift_month(today, -5), today):
        demand.make_forecasts(actor=office, progress=progress, today=day)
