"""Demand rounds: started, frozen into a white paper that nothing changes, printed, and each figure with its records."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone, translation

from ronghe import papers
from ronghe.apps.demand import panel_results, selectors, services, triggers, white_paper_text
from ronghe.apps.demand.models import DemandRound, Posting
from ronghe.apps.demand.services import RoundData, RoundFrozen
from ronghe.apps.ledger.models import Event
from ronghe.apps.ledger.revision import StaleRevision
from tests.apps.demand.test_panels import compare, experts, opened, panel, plan, rate  # noqa: F401
from tests.factories import PostingFactory, RequirementFactory, asks

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)


@pytest.fixture
def postings(skill, other_skill):
    found = [asks(PostingFactory.create(), skill, other_skill) for _number in range(6)]
    asks(PostingFactory.create(published_on=date(2026, 2, 3)), skill)
    return found


@pytest.fixture
def running(office, postings):
    return services.start_round(actor=office, data=RoundData("春季需求", FIRST, LAST, "Spring demand"))


@pytest.fixture
def frozen(office, running):
    return services.freeze_round(actor=office, round=running, revision=running.revision)


@pytest.mark.parametrize("who", ["hr", "teacher", "student", "reviewer", "stranger"])
def test_only_the_office_starts_and_freezes_rounds(who, request, running):
    person = request.getfixturevalue(who)
    with pytest.raises(PermissionDenied):
        services.start_round(actor=person, data=RoundData("甲", FIRST, LAST))
    with pytest.raises(PermissionDenied):
        services.freeze_round(actor=person, round=running, revision=running.revision)


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (LAST, FIRST, "last_day"),
        (FIRST, date(2999, 1, 1), "last_day"),
        (date(1990, 1, 1), LAST, "first_day"),
    ],
)
def test_an_impossible_period_is_named_by_field(office, first, last, field):
    with pytest.raises(ValidationError) as refused:
        services.start_round(actor=office, data=RoundData("甲", first, last))
    assert field in refused.value.message_dict


def test_a_period_without_postings_is_not_frozen(office, db):
    empty = services.start_round(actor=office, data=RoundData("甲", FIRST, LAST))
    with pytest.raises(ValidationError):
        services.freeze_round(actor=office, round=empty, revision=empty.revision)
    empty.refresh_from_db()
    assert empty.state == "running"


def test_the_paper_holds_each_figure_with_its_interval_definition_and_record_ids(frozen, postings, skill):
    content = frozen.content
    assert content["postings"]["value"] == 7
    line = next(row for row in content["skills"] if row["code"] == skill.code)
    assert line["postings"]["value"] == 7
    assert line["postings"]["low"] <= 7 <= line["postings"]["high"]
    assert line["postings"]["definition"] == "demand.skill.postings@1"
    kept = content["records"][line["postings"]["records"][0]]
    assert kept["ids"] == sorted(Posting.objects.filter(asked__skill=skill).values_list("pk", flat=True))
    assert all(len(one["ids"]) == one["count"] for one in content["records"].values())
    assert content["policy"] is None


def test_the_hash_is_in_the_ledger_and_later_data_change_nothing(office, frozen, skill, running):
    assert Event.objects.filter(type="demand.round.frozen").count() == 1
    before = frozen.content
    asks(PostingFactory.create(published_on=date(2026, 3, 9)), skill)
    Posting.objects.filter(pk=before["records"][before["postings"]["records"][0]]["ids"][0]).delete()
    again = DemandRound.objects.get(pk=frozen.pk)
    assert again.content == before
    assert services.is_intact(again)
    key = again.content["postings"]["records"][0]
    assert selectors.frozen_records(office, again, key).gone == 1


def test_a_paper_that_was_edited_in_the_database_says_so(frozen, sign_in, student):
    triggers.remove(connection)
    frozen.content["postings"]["value"] = 70
    DemandRound.objects.filter(pk=frozen.pk).update(content=frozen.content)
    shown = sign_in(student).get(frozen.get_absolute_url()).content.decode()
    assert "Do not rely on it." in shown


@pytest.mark.postgres
@pytest.mark.parametrize("changes", [{"content": {}}, {"digest": "x"}, {"state": "running"}, {"name_en": "Other"}])
def test_the_database_refuses_to_change_or_delete_a_frozen_paper(frozen, running, changes, office, student):
    row = DemandRound.objects.filter(pk=frozen.pk)
    for change in (lambda: row.update(**changes), row.delete, lambda: row.update(started_by=student)):
        with pytest.raises(IntegrityError, match="a frozen white paper cannot change"), transaction.atomic():
            change()
    assert row.update(started_by=None) == 1
    assert services.is_intact(row.get())


def test_a_frozen_round_is_neither_amended_nor_frozen_again(office, frozen):
    with pytest.raises(RoundFrozen):
        services.amend_round(actor=office, round=frozen, revision=frozen.revision, data=RoundData("乙", FIRST, LAST))
    with pytest.raises(RoundFrozen):
        services.freeze_round(actor=office, round=frozen, revision=frozen.revision)


def test_of_two_people_who_amend_a_round_the_second_is_told(office, running):
    revision = running.revision
    services.amend_round(actor=office, round=running, revision=revision, data=RoundData("乙", FIRST, LAST))
    with pytest.raises(StaleRevision):
        services.amend_round(actor=office, round=running, revision=revision, data=RoundData("丙", FIRST, LAST))


def test_the_next_paper_says_what_changed(office, frozen, skill, other_skill):
    for _number in range(8):
        asks(PostingFactory.create(published_on=date(2026, 3, 20)), other_skill)
    later = services.start_round(actor=office, data=RoundData("后", date(2026, 3, 1), LAST))
    changes = services.freeze_round(actor=office, round=later, revision=later.revision).content["changes"]
    assert changes["since"]["digest"] == frozen.digest
    moved = {row["code"]: row for row in changes["moved"]}
    assert (moved[other_skill.code]["rank_before"], moved[other_skill.code]["rank"]) == (2, 1)
    assert moved[skill.code]["share"] == pytest.approx(6 / 14)
    assert moved[skill.code]["share_before"] == 1


def test_the_gap_of_a_field_is_the_sum_of_its_skills_gaps(postings, skill, other_skill, monkeypatch):
    from ronghe.apps.demand import gap
    from ronghe.apps.metrics import registry
    from ronghe.apps.metrics.measurement import Measurement, Unit, Window

    window = Window(FIRST, LAST)

    def supply(name, subjects, of):
        return {
            one: Measurement(value=2.0, unit=Unit.PERSONS, as_of=of.end, definition="x@1", count=2) for one in subjects
        }

    monkeypatch.setattr(registry, "is_registered", lambda name: True)
    monkeypatch.setattr(registry, "measure", supply)
    each = gap.talent_gap([skill.pk, other_skill.pk], window)
    whole = gap.gap_of_groups({7: [skill.pk, other_skill.pk]}, window)[7]
    assert whole.value == pytest.approx(sum(one.value for one in each.values()))
    assert whole.low < whole.value < whole.high


def test_a_panel_enters_the_paper_without_its_reasons(office, panel, postings):  # noqa: F811
    found = opened(office, panel)
    for number, token in enumerate(found):
        rate(token, panel, [5 if number else 1, 5, 3], reasons={0: "A sentence of one expert."})
    services.close_round(actor=office, panel=panel, number=1)
    panel.refresh_from_db()
    with_panel = services.start_round(actor=office, data=RoundData("甲", FIRST, LAST, panel=panel))
    with pytest.raises(ValidationError):
        services.freeze_round(actor=office, round=with_panel, revision=with_panel.revision)
    services.end_panel(actor=office, panel=panel)
    with_panel.refresh_from_db()
    frozen = services.freeze_round(actor=office, round=with_panel, revision=with_panel.revision)
    said = frozen.content["panel"]["rounds"][0]
    assert said["answers"] == 6
    assert [item["median"] for item in said["items"]] == [5, 5, 3]
    assert "A sentence of one expert." not in str(frozen.content)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_paper_is_printed_in_both_languages(language, frozen):
    if papers.chinese_face() is None:
        pytest.skip("no font with Chinese is installed")
    with translation.override(language):
        data = white_paper_text.printed(frozen.content, frozen.digest, "state")
        made = [
            papers.print_paper(
                "apps/demand/papers/white_paper.typ", data, language=language[:2], written_at=frozen.frozen_at
            )
            for _time in (1, 2)
        ]
    assert made[0].startswith(b"%PDF-")
    assert made[0] == made[1]
    assert len(data["sections"]) == 10


def test_text_of_people_is_set_and_not_read_as_typst():
    if papers.chinese_face() is None:
        pytest.skip("no font with Chinese is installed")
    section = {"title": "#panic()", "paragraphs": ['#read("/etc/passwd") $ * _ ] #'], "tables": []}
    data = {"title": "#panic(1)", "subtitle": "", "foot": "", "sections": [section]}
    made = papers.print_paper("apps/demand/papers/white_paper.typ", data, language="en", written_at=timezone.now())
    assert made.startswith(b"%PDF-")


# Pages


@pytest.mark.parametrize(
    ("who", "draft", "paper"),
    [
        ("office", 200, 200),
        ("reviewer", 200, 200),
        ("hr", 404, 200),
        ("other_hr", 404, 200),
        ("teacher", 404, 200),
        ("student", 404, 200),
    ],
)
def test_a_draft_is_for_office_and_reviewers_a_paper_for_all(who, draft, paper, request, sign_in, office, running):
    client = sign_in(request.getfixturevalue(who))
    assert client.get(running.get_absolute_url()).status_code == draft
    services.freeze_round(actor=office, round=running, revision=running.revision)
    assert client.get(running.get_absolute_url()).status_code == paper


def test_anonymous_visitors_are_sent_to_sign_in(anonymous, frozen):
    addresses = [frozen.get_absolute_url(), reverse("demand:round_list"), reverse("demand:round_new")]
    addresses += [reverse("demand:round_pdf", args=[frozen.uid]), reverse("demand:round_amend", args=[frozen.uid])]
    for address in addresses:
        assert anonymous.get(address)["Location"].startswith(reverse("account_login"))


def test_the_office_starts_amends_and_freezes_by_the_pages(office, sign_in, postings):
    client = sign_in(office)
    typed = {"name_zh": "春季", "first_day": FIRST.isoformat(), "last_day": LAST.isoformat()}
    assert client.get(reverse("demand:round_new")).status_code == 200
    wrong = client.post(reverse("demand:round_new"), typed | {"last_day": date(2025, 1, 1).isoformat()})
    assert wrong.status_code == 422
    assert client.post(reverse("demand:round_new"), typed).status_code == 302
    started = DemandRound.objects.get()
    amending = reverse("demand:round_amend", args=[started.uid])
    assert client.post(amending, typed | {"revision": 1, "name_en": "Spring"}).status_code == 302
    stale = client.post(amending, typed | {"revision": 1, "name_en": "Mine"})
    assert stale.status_code == 409
    assert "Mine" in stale.content.decode()
    freezing = reverse("demand:round_freeze", args=[started.uid])
    assert client.post(freezing, {"revision": "1"}).status_code == 409
    assert client.post(freezing, {"revision": "2"}).status_code == 302
    started.refresh_from_db()
    assert started.state == "frozen"
    assert client.get(reverse("demand:round_list")).status_code == 200
    assert client.get(amending).status_code == 302


def test_only_the_office_may_press_freeze(sign_in, reviewer, teacher, running):
    address = reverse("demand:round_freeze", args=[running.uid])
    assert sign_in(reviewer).post(address, {"revision": "1"}).status_code == 403
    assert sign_in(teacher).post(address, {"revision": "1"}).status_code == 404
    assert sign_in(teacher).get(reverse("demand:round_new")).status_code == 403


def test_every_figure_of_the_page_opens_records_the_viewer_may_see(office, sign_in, student, postings, skill, firm_a):
    RequirementFactory.create(skill=skill, organisation=firm_a, raised_on=FIRST)
    started = services.start_round(actor=office, data=RoundData("春季", FIRST, LAST))
    frozen = services.freeze_round(actor=office, round=started, revision=started.revision)
    client = sign_in(student)
    page = client.get(frozen.get_absolute_url()).content.decode()
    line = next(row for row in frozen.content["skills"] if row["code"] == skill.code)
    keys = "+".join(line["gap"]["records"])
    address = reverse("demand:round_records", args=[frozen.uid, line["postings"]["records"][0]])
    assert address in page
    opened_sets = client.get(reverse("demand:round_records", args=[frozen.uid, keys])).context["sets"]
    assert [len(one["rows"]) for one in opened_sets] == [7, 0]
    assert opened_sets[1]["kept"].hidden == 1
    assert client.get(reverse("demand:round_records", args=[frozen.uid, "nothing"])).status_code == 404


def test_without_a_chinese_font_the_pdf_explains_itself(frozen, sign_in, student, monkeypatch):
    monkeypatch.setattr(papers, "chinese_face", lambda: None)
    answer = sign_in(student).get(reverse("demand:round_pdf", args=[frozen.uid]))
    assert answer.status_code == 503
    assert "Noto CJK" in answer.content.decode()


def test_the_pdf_is_downloaded(frozen, sign_in, student, running):
    if papers.chinese_face() is None:
        pytest.skip("no font with Chinese is installed")
    answer = sign_in(student).get(reverse("demand:round_pdf", args=[frozen.uid]))
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")


def test_there_is_no_pdf_of_a_draft(sign_in, office, running):
    assert sign_in(office).get(reverse("demand:round_pdf", args=[running.uid])).status_code == 404
    assert running.last_day - running.first_day > timedelta(days=80)


# For programs


def test_programs_read_papers_panels_and_forecasts_as_far_as_pages_show_them(
    office,
    frozen,
    panel,  # noqa: F811
    experts,  # noqa: F811
    sign_in,
    student,
    anonymous,
):
    for number, token in enumerate(opened(office, panel)):
        rate(token, panel, [5 if number else 1, 5, 3], reasons={0: "A reason."})
    services.close_round(actor=office, panel=panel, number=1)
    client = sign_in(student)
    paper = client.get(f"/api/demand/rounds/{frozen.uid}").json()
    assert panel_results.digest_of(paper["content"]) == paper["digest"] == frozen.digest
    assert [one["uid"] for one in client.get("/api/demand/rounds").json()] == [str(frozen.uid)]
    assert client.get("/api/demand/forecasts").json() == []
    assert client.get(f"/api/demand/panels/{panel.uid}").status_code == 404
    invited = sign_in(experts[0]).get(f"/api/demand/panels/{panel.uid}").json()
    assert invited["rounds"][0]["result"]["answers"] == 6
    assert client.get("/api/demand/rounds/00000000-0000-0000-0000-000000000000").status_code == 404
    assert anonymous.get("/api/demand/rounds").status_code == 401


def test_a_round_that_runs_has_no_paper_for_programs(sign_in, office, running):
    assert sign_in(office).get(f"/api/demand/rounds/{running.uid}").status_code == 404
