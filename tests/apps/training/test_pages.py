"""Pages of training: who sees which placement, forms that keep what was typed, and the page of a link on a phone."""

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ronghe.apps.accounts.models import Person
from ronghe.apps.ledger.models import Event
from ronghe.apps.training import limits, services
from ronghe.apps.training.models import Assessment, Entry, Incident, Placement, Relation
from tests.apps.training.conftest import LAST, LAST_WEEK, THIS_WEEK, EntryMaker, PlacementMaker

SignIn = Callable[[Person], Client]


def statuses(client: Client, pages: list[str]) -> list[int]:
    """What each address answers; a download is read to its end, which closes its file."""
    answers = [client.get(page) for page in pages]
    for answer in answers:
        if answer.streaming:
            b"".join(answer.streaming_content)
    return [answer.status_code for answer in answers]


def test_a_placement_opens_to_those_it_concerns_and_to_nobody_else(
    sign_in: SignIn,
    anonymous: Client,
    handed_in: EntryMaker,
    placement: Placement,
    student: Person,
    classmate: Person,
    mentor: Person,
    colleague_mentor: Person,
    teacher: Person,
    other_teacher: Person,
    hr: Person,
    other_hr: Person,
    office: Person,
    reviewer: Person,
) -> None:
    entry = handed_in(files=[services.see(BytesIO(b"volts 1 2 3"), "volts.txt")])
    file = f"/training/files/{entry.attachments.get().uid}/"
    page = placement.get_absolute_url()
    pages = [page, entry.get_absolute_url(), file, f"{page}weeks.csv"]
    for person in (student, mentor, teacher, hr, office):
        client = sign_in(person)
        assert statuses(client, pages) == [200] * 4, person.name
        assert page in client.get("/training/").content.decode()
    for person in (classmate, colleague_mentor, other_teacher, other_hr, reviewer):
        client = sign_in(person)
        assert statuses(client, pages) == [404] * 4, person.name
        assert page not in client.get("/training/").content.decode()
    assert set(statuses(anonymous, [*pages, "/training/"])) == {302}
    download = sign_in(mentor).get(file)
    assert b"".join(download.streaming_content) == b"volts 1 2 3"
    assert download["Content-Disposition"].startswith("attachment")


def test_the_student_hands_in_and_what_is_refused_is_kept(
    sign_in: SignIn, student: Person, mentor: Person, placement: Placement
) -> None:
    page = f"{placement.get_absolute_url()}weeks/{LAST_WEEK}/"
    assert sign_in(mentor).get(page).status_code == 403
    client = sign_in(student)
    typed = {"text": "Soldered the board and measured it.", "hours": "80", "commit_url": "https://x.example/tree/main"}
    refused = client.post(page, typed)
    assert refused.status_code == 422
    assert "Soldered the board" in refused.content.decode()
    assert not Entry.objects.exists()
    file = SimpleUploadedFile("board.txt", b"gain 10")
    done = client.post(page, {**typed, "hours": "8", "commit_url": "", "file": file})
    assert done.status_code == 302
    assert Entry.objects.get().hours == Decimal(8)
    assert client.get(f"{placement.get_absolute_url()}weeks/2026-02-30/").status_code == 404


def test_the_mentor_confirms_signed_in_one_or_several(
    sign_in: SignIn, mentor: Person, student: Person, handed_in: EntryMaker
) -> None:
    one, two = handed_in(), handed_in(week=THIS_WEEK, hours=Decimal(1))
    page = one.get_absolute_url()
    assert sign_in(student).post(f"{page}decide/", {"verdict": "confirmed"}).status_code == 403
    client = sign_in(mentor)
    assert client.post(f"{page}decide/", {"verdict": "returned"}).status_code == 422
    assert client.post(f"{page}decide/", {"verdict": "confirmed"}).status_code == 302
    assert "1 week is confirmed" in client.post("/training/confirm/", {"entry": two.uid}, follow=True).content.decode()
    assert Entry.objects.counted().count() == 2
    assert "Nothing waits for you" in client.get("/training/confirm/").content.decode()


@pytest.fixture
def link_page(handed_in: EntryMaker, student: Person, placement: Placement) -> str:
    handed_in(files=[services.see(BytesIO(b"volts 1 2 3"), "volts.txt")])
    link = services.send_link(actor=student, placement=placement, week=LAST_WEEK)
    return f"/training/c/{services.token_of(link)}/"


def test_looking_at_a_link_confirms_nothing_and_pressing_does(link_page: str, anonymous: Client) -> None:
    entry = Entry.objects.get()
    assert anonymous.head(link_page).status_code == 200
    shown = anonymous.get(link_page)
    assert shown.status_code == 200
    assert shown["Referrer-Policy"] == "same-origin"
    assert "no-store" in shown["Cache-Control"]
    file = anonymous.get(f"{link_page}files/{entry.attachments.get().uid}/")
    assert b"".join(file.streaming_content) == b"volts 1 2 3"
    assert Entry.objects.get().state == "waiting"
    done = anonymous.post(link_page, {"entry": entry.uid, "verdict": "confirmed"})
    assert (done.status_code, Entry.objects.get().state) == (200, "confirmed")
    confirmed = Event.objects.get(type="training.hours.confirmed")
    assert f'"{entry.confirmations.get().link.uid}"' in str(confirmed.payload.content)
    assert anonymous.post(link_page, {"entry": entry.uid, "verdict": "confirmed"}).status_code == 422


def test_a_link_decides_about_the_version_that_was_shown(
    link_page: str, anonymous: Client, handed_in: EntryMaker
) -> None:
    shown = Entry.objects.get()
    handed_in(hours=Decimal(40))
    answer = anonymous.post(link_page, {"entry": shown.uid, "verdict": "confirmed"})
    assert answer.status_code == 409
    assert not Entry.objects.counted().exists()


def test_a_wrong_link_tells_nothing_and_is_slowed(
    link_page: str, anonymous: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    monkeypatch.setattr(limits, "_WRONG_TOKENS", 3)
    wrong = f"{link_page[:-4]}xyz/"
    assert anonymous.get(wrong).status_code == 404
    assert anonymous.post(wrong, {"verdict": "confirmed"}).status_code == 404
    assert {anonymous.get(wrong).status_code for _number in range(2)} == {404, 429}
    cache.clear()


def test_a_placement_is_planned_agreed_guided_and_begun_on_its_pages(
    sign_in: SignIn,
    office: Person,
    hr: Person,
    other_hr: Person,
    appointed: Person,
    student: Person,
    cohort: object,
    firm_a: object,
) -> None:
    client, at_firm = sign_in(office), sign_in(hr)
    assert at_firm.get("/training/placements/new/").status_code == 403
    given = {
        "student": student.pk, "work_zh": "测试", "starts_on": LAST_WEEK, "ends_on": LAST, "host": firm_a.pk,
        "share": "100", "pattern": "weekly",
    }  # fmt: skip
    assert client.post("/training/placements/new/", {**given, "second_share": "20"}).status_code == 422
    made = client.post("/training/placements/new/", given)
    placement = Placement.objects.get()
    page = placement.get_absolute_url()
    assert (made.status_code, made["Location"]) == (302, page)
    assert "It cannot begin yet" in at_firm.get(page).content.decode()
    assert at_firm.post(f"{page}start/", {"on": LAST_WEEK}).status_code == 422
    assert at_firm.get(f"{page}paper/").status_code == 403
    assert client.post(f"{page}paper/", {"number": "SX-9", "signed_on": LAST_WEEK}).status_code == 302
    assert at_firm.post(f"{page}supervisor/mentor/", {"person": appointed.pk, "on": LAST_WEEK}).status_code == 302
    assert at_firm.get(f"{page}supervisor/boss/").status_code == 404
    assert sign_in(other_hr).post(f"{page}start/", {"on": LAST_WEEK}).status_code == 404
    assert at_firm.post(f"{page}start/", {"on": LAST_WEEK}).status_code == 302
    for verb, data in (
        ("pause", {"on": THIS_WEEK, "reason": "Exams"}),
        ("resume", {"on": THIS_WEEK}),
        ("change", {"on": THIS_WEEK, "ends_on": LAST, "reason": "Half", "host": firm_a.pk, "share": "50"}),
        ("stop", {"last_day": THIS_WEEK, "reason": "Over"}),
    ):
        assert client.get(f"{page}{verb}/").status_code == 200
        assert client.post(f"{page}{verb}/", {"pattern": "weekly", **data}).status_code == 302, verb
    placement.refresh_from_db()
    assert placement.state == "stopped"
    assert statuses(client, ["/training/placements.xlsx", "/training/placements.exe"]) == [200, 404]


def test_absences_incidents_and_relations_on_their_pages(
    sign_in: SignIn, student: Person, teacher: Person, mentor: Person, office: Person, placement: Placement
) -> None:
    page = placement.get_absolute_url()
    own, teaching = sign_in(student), sign_in(teacher)
    away = {"kind": "sick", "first_day": LAST_WEEK, "last_day": LAST_WEEK}
    assert own.post(f"{page}absences/new/", away).status_code == 302
    absence = placement.absences.get()
    assert own.post(f"/training/absences/{absence.pk}/decide/", {"excused": "yes"}).status_code == 403
    assert teaching.post(f"/training/absences/{absence.pk}/decide/", {"excused": "yes"}).status_code == 302
    told = {"severity": "2", "happened_on": LAST_WEEK, "what": "A burn."}
    assert own.post(f"{page}incidents/new/", told).status_code == 302
    incident = Incident.objects.get().get_absolute_url()
    assert own.get(incident).status_code == 200
    assert own.get(f"{incident}answer/").status_code == 403
    assert teaching.post(f"{incident}close/", {"outcome": "Healed"}).status_code == 422
    assert teaching.post(f"{incident}answer/", {"answer": "Seen by a doctor."}).status_code == 302
    assert teaching.post(f"{incident}close/", {"outcome": "Healed"}).status_code == 302
    assert own.post("/training/relations/", {"email": "nobody@example.org", "kind": "family"}).status_code == 422
    assert own.post("/training/relations/", {"email": mentor.email, "kind": "family"}).status_code == 302
    end = f"/training/relations/{Relation.objects.get().pk}/end/"
    assert own.post(end).status_code == 403
    assert sign_in(office).post(end).status_code == 302


def test_an_assessment_hides_the_other_side_until_both_have_rated(
    sign_in: SignIn, mentor: Person, teacher: Person, student: Person, opened: Assessment
) -> None:
    page = opened.get_absolute_url()
    keys = [f"skill_{one.skill_id}" for one in opened.unit.declarations.order_by("pk")]
    mentoring = sign_in(mentor)
    assert mentoring.get(f"{opened.placement.get_absolute_url()}assessments/new/").status_code == 200
    assert mentoring.post(f"{page}rate/", {keys[0]: "4"}).status_code == 422
    assert mentoring.post(f"{page}rate/", {keys[0]: "4", keys[1]: "4", "comment": "well done"}).status_code == 302
    assert "well done" not in sign_in(teacher).get(page).content.decode()
    assert sign_in(student).get(f"{page}rate/").status_code == 403
    assert sign_in(teacher).post(f"{page}rate/", {keys[0]: "4", keys[1]: "4"}).status_code == 302
    assert "well done" in sign_in(student).get(page).content.decode()
    assert sign_in(mentor).get(f"{page}settle/").status_code == 403


def test_lists_cost_the_same_whatever_their_length(
    sign_in: SignIn,
    office: Person,
    placement: Placement,
    running: PlacementMaker,
    classmate: Person,
    django_assert_max_num_queries: object,
) -> None:
    client = sign_in(office)
    client.get("/training/")
    running(student=classmate)
    with django_assert_max_num_queries(22):  # type: ignore[operator]
        client.get("/training/")
    with django_assert_max_num_queries(40):  # type: ignore[operator]
        client.get(placement.get_absolute_url())


def test_programs_read_what_their_person_may_see(
    sign_in: SignIn,
    anonymous: Client,
    placement: Placement,
    handed_in: EntryMaker,
    student: Person,
    hr: Person,
    other_hr: Person,
    opened: Assessment,
) -> None:
    entry = handed_in()
    one = f"/api/training/placements/{placement.uid}"
    for person in (student, hr):
        client = sign_in(person)
        listed = client.get("/api/training/placements", {"state": "running", "on": str(LAST_WEEK)}).json()
        assert [item["uid"] for item in listed["items"]] == [str(placement.uid)]
        assert client.get(one).json()["hosts"][0]["share"] == 100
        assert [item["uid"] for item in client.get(f"{one}/entries").json()] == [str(entry.uid)]
        assert client.get(f"{one}/assessments").json()[0]["attempt"] == 1
    outsider = sign_in(other_hr)
    assert outsider.get("/api/training/placements").json()["total"] == 0
    assert {outsider.get(f"{one}{part}").status_code for part in ("", "/entries", "/assessments")} == {404}
    assert anonymous.get(one).status_code == 401
    assert outsider.get("/api/training/placements", {"state": "gone"}).status_code == 422
