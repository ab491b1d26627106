"""Panels of experts: prepared, asked in rounds by tokens, closed with a result; and who may see or do what."""

import json
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone, translation

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import RoleKind
from ronghe.apps.demand import privacy, services, tokens
from ronghe.apps.demand.models import Panel, PanelAnswer, PanelExpert, PanelSeat, PanelState, RoundKind
from ronghe.apps.demand.services import (
    ItemData,
    PairwiseAnswer,
    PanelData,
    PanelNotReady,
    RatingAnswer,
    TokenUnknown,
    TooLate,
)
from ronghe.apps.ledger.models import Event, Payload
from tests.factories import PersonFactory, RoleFactory

pytestmark = pytest.mark.django_db

SITE = "https://ronghe.example.org/"
BASES = {"practice": 0, "theory": 1, "literature": 1, "intuition": 2}


@pytest.fixture(autouse=True)
def _in_english(settings):
    """What services and the door say, in the language of these tests."""
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


def soon(days=14):
    return timezone.localdate() + timedelta(days=days)


@pytest.fixture
def experts(firm_a, university):
    people = PersonFactory.create_batch(6)
    for number, person in enumerate(people):
        kind, where = (RoleKind.MENTOR, firm_a) if number % 2 else (RoleKind.TEACHER, university)
        RoleFactory.create(person=person, kind=kind, organisation=where)
    return people


@pytest.fixture
def plan(experts, skill, other_skill):
    items = [
        ItemData(skill.name_zh, skill.name_en, skill),
        ItemData(other_skill.name_zh, other_skill.name_en, other_skill),
        ItemData("应在企业完成半数实践", "Half of the practice belongs into enterprises"),
    ]
    return PanelData("嵌入式人才需求", "各项有多重要？", items, experts, "Embedded skills", "How important is each?")


@pytest.fixture
def panel(office, plan):
    return services.prepare_panel(actor=office, data=plan)


def opened(office, panel, kind=RoundKind.RATING, **more):
    """Open the next round; the tokens of its mails, if it sent any."""
    mail.outbox.clear()
    services.open_round(actor=office, panel=panel, kind=kind, due_on=soon(), site=SITE, **more)
    return [message.body.split("Your token:\n\n    ")[1].split("\n")[0] for message in mail.outbox]


def rate(token, panel, ratings, number=1, reasons=None, familiarity=0.8):
    keys = [item.pk for item in panel.items.all()]
    said = {keys[place]: text for place, text in (reasons or {}).items()}
    content = RatingAnswer(dict(zip(keys, ratings, strict=False)), familiarity, BASES, said)
    return services.answer(token=token, number=number, content=content)


# Preparing


@pytest.mark.parametrize("who", ["hr", "mentor", "teacher", "student", "reviewer", "stranger"])
def test_only_the_office_prepares_panels(who, request, plan):
    with pytest.raises(PermissionDenied):
        services.prepare_panel(actor=request.getfixturevalue(who), data=plan)
    assert not Panel.objects.exists()


def test_the_sides_of_the_invited_come_from_their_roles(panel):
    assert sorted(panel.experts.values_list("side", flat=True)) == ["enterprise"] * 3 + ["school"] * 3


def test_someone_without_a_role_cannot_be_invited(office, plan, stranger):
    with pytest.raises(ValidationError) as refused:
        services.prepare_panel(actor=office, data=PanelData("甲", "乙", plan.items, [*plan.experts, stranger]))
    assert stranger.email in refused.value.message_dict["experts"][0]


@pytest.mark.parametrize(
    ("criterion", "field"),
    [
        ({"band_from": 6}, "band_from"),
        ({"least_share": 1.5}, "least_share"),
        ({"most_rounds": 1}, "most_rounds"),
        ({"most_change": 2}, "most_change"),
        ({"points": 12}, "points"),
    ],
)
def test_an_impossible_criterion_is_named_by_field(office, plan, criterion, field):
    data = PanelData("甲", "乙", plan.items, plan.experts, criterion=criterion)
    with pytest.raises(ValidationError) as refused:
        services.prepare_panel(actor=office, data=data)
    assert field in refused.value.message_dict


def test_a_panel_is_not_opened_for_fewer_than_five_experts(office, plan):
    few = services.prepare_panel(actor=office, data=PanelData("甲", "乙", plan.items, plan.experts[:4]))
    with pytest.raises(PanelNotReady):
        opened(office, few)
    few.refresh_from_db()
    assert few.state == PanelState.DRAFT


def test_the_criterion_is_recorded_before_the_first_round_and_stands_from_then_on(office, panel, plan):
    opened(office, panel)
    types = list(Event.objects.order_by("pk").values_list("type", flat=True))
    assert types[-2:] == ["demand.panel.opened", "demand.panel_round.opened"]
    said = json.loads(Payload.objects.get(event__type="demand.panel.opened").content)["fields"]
    assert said["least_share"] == 0.75
    assert said["criterion"].startswith("sha256:")
    panel.refresh_from_db()
    with pytest.raises(PanelNotReady):
        services.amend_panel(actor=office, panel=panel, revision=panel.revision, data=plan)


# Tokens and anonymity


def test_each_expert_is_mailed_one_token_that_nobody_keeps(office, panel, experts):
    found = opened(office, panel)
    assert sorted(message.to[0] for message in mail.outbox) == sorted(person.email for person in experts)
    assert len(set(found)) == len(experts)
    assert all(f"#{token}" in message.body for token, message in zip(found, mail.outbox, strict=True))
    everything = "\n".join(_whole_database())
    assert not [token for token in found if token in everything or tokens.read_token(token) in everything]


def _whole_database():
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            yield from (str(row) for row in cursor.fetchall())


def test_seats_and_answers_name_no_person_and_no_time():
    for model in (PanelSeat, PanelAnswer):
        for field in model._meta.get_fields():
            assert field.related_model is not Person
            assert field.get_internal_type() not in {"DateField", "DateTimeField"}


def test_the_order_of_rows_tells_neither_who_was_invited_nor_who_answered_first(office, panel):
    found = opened(office, panel)
    seats = list(PanelSeat.objects.order_by("pk").values_list("token_hash", flat=True))
    assert seats == sorted(seats)
    before = list(PanelAnswer.objects.order_by("pk").values_list("pk", "seat"))
    for token in reversed(found):
        rate(token, panel, [4, 5, 3])
    assert list(PanelAnswer.objects.order_by("pk").values_list("pk", "seat")) == before
    assert [seat for _key, seat in before] == seats
    services.close_round(actor=office, panel=panel, number=1)
    assert list(PanelAnswer.objects.order_by("pk").values_list("seat", flat=True)) == seats


def test_an_answer_leaves_no_event_until_its_round_is_closed(office, panel):
    found = opened(office, panel)
    events = Event.objects.count()
    receipts = [rate(token, panel, [4, 5, 3]).receipt for token in found]
    assert Event.objects.count() == events
    closed = services.close_round(actor=office, panel=panel, number=1)
    assert Event.objects.count() == events + 1
    assert closed.result["receipts"] == sorted(receipts)


@pytest.mark.parametrize(
    ("typed", "says"),
    [("", "twenty"), ("ABC", "twenty"), ("!!!!!", "twenty"), ("AAAAA-AAAAA-AAAAA-AAAAA", "No panel")],
)
def test_a_token_that_opens_nothing_says_why(typed, says):
    with pytest.raises(TokenUnknown, match=says):
        services.take_seat(typed)


def test_a_token_may_be_typed_in_small_letters_with_spaces_and_o_for_zero(office, panel):
    token = opened(office, panel)[0]
    typed = token.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert services.take_seat(typed).panel == panel


def test_renewed_tokens_replace_all_and_drop_the_running_rounds_answers_only(office, panel):
    old = opened(office, panel)
    for token in old:
        rate(token, panel, [4, 5, 3])
    services.close_round(actor=office, panel=panel, number=1)
    assert opened(office, panel) == []
    rate(old[0], panel, [4, 5, 3], number=2)
    mail.outbox.clear()
    services.renew_tokens(actor=office, panel=panel, site=SITE)
    assert len(mail.outbox) == len(old)
    with pytest.raises(TokenUnknown, match="replaced"):
        rate(old[0], panel, [4, 5, 3], number=2)
    assert PanelAnswer.objects.filter(round__number=1, content__isnull=False).count() == len(old)
    assert not PanelAnswer.objects.filter(round__number=2, content__isnull=False).exists()
    assert not PanelSeat.objects.filter(is_void=False, answers__round__number=1).exists()


def test_nothing_is_opened_when_the_mail_server_refuses(office, panel, monkeypatch):
    from django.core.mail.backends import locmem

    def refuse(self, messages):
        raise ConnectionRefusedError("no route")

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", refuse)
    with pytest.raises(PanelNotReady, match="no route"):
        services.open_round(actor=office, panel=panel, kind="rating", due_on=soon(), site=SITE)
    panel.refresh_from_db()
    assert panel.state == PanelState.DRAFT
    assert not PanelSeat.objects.exists()


# Answering


def test_a_second_answer_replaces_the_first_and_says_so(office, panel):
    token = opened(office, panel)[0]
    assert not rate(token, panel, [4, 5, 3]).replaced
    assert rate(token, panel, [2, 5, 3]).replaced
    given = PanelAnswer.objects.get(content__isnull=False)
    assert sorted(given.content["ratings"].values()) == [2, 3, 5]


@pytest.mark.parametrize("ratings", [[6, 3, 3], [0, 3, 3], []])
def test_an_answer_off_the_scale_or_empty_is_refused_and_changes_nothing(office, panel, ratings):
    token = opened(office, panel)[0]
    rate(token, panel, [4, 5, 3])
    with pytest.raises(ValidationError):
        rate(token, panel, ratings)
    assert sorted(PanelAnswer.objects.get(content__isnull=False).content["ratings"].values()) == [3, 4, 5]


def test_an_answer_after_the_last_day_or_the_closing_is_late(office, panel):
    found = opened(office, panel)
    for token in found[:5]:
        rate(token, panel, [4, 5, 3])
    panel.rounds.update(opened_on=soon(-3), due_on=soon(-1))
    with pytest.raises(TooLate):
        rate(found[5], panel, [4, 5, 3])
    closed = services.close_round(actor=office, panel=panel, number=1)
    assert closed.result["answers"] == 5
    with pytest.raises(TooLate):
        rate(found[5], panel, [4, 5, 3])


def test_fewer_than_five_answers_show_nothing_but_their_number(office, panel):
    for token in opened(office, panel)[:4]:
        rate(token, panel, [4, 5, 3], reasons={0: "so"})
    result = services.close_round(actor=office, panel=panel, number=1).result
    assert {key for key in result if key != "receipts"} == {"answers", "seats", "too_few"}


def test_two_rounds_end_by_the_criterion_with_the_figures_worked_out_by_hand(office, panel):
    found = opened(office, panel)
    ratings = [[5, 1, 4], [5, 2, 4], [4, 3, 4], [5, 4, 4], [4, 5, 4], [5, 3, 4]]
    for token, own in zip(found, ratings, strict=True):
        rate(token, panel, own)
    first = services.close_round(actor=office, panel=panel, number=1).result
    good, split, same = first["items"]
    # 5 5 4 5 4 5: all in the band 4–5; 1 2 3 4 5 3: 2 of 6 in it, s = 1.414, mean 3.
    assert (good["median"], good["share"], good["agreed"]) == (5, 1.0, True)
    assert (split["median"], split["lower"], split["upper"]) == (3, 2.25, 3.75)
    assert split["share"] == pytest.approx(2 / 6)
    assert split["variation"] == pytest.approx(2**0.5 / 3)
    assert split["agreed"] is False
    assert good["stable"] is None
    assert first["stop"] == ""
    assert first["authority"]["cs"] == pytest.approx(0.8)
    assert first["authority"]["ca"] == pytest.approx(0.5 + 0.2 + 0.1 + 0.1)
    assert 0 < first["agreement"]["w"] < 1
    # The same answers again: nothing moves, so every item is settled.
    assert opened(office, panel) == []
    for token, own in zip(found, ratings, strict=True):
        rate(token, panel, own, number=2, reasons={0: "so", 1: f"because {own[1]}"})
    second = services.close_round(actor=office, panel=panel, number=2).result
    assert second["stop"] == "settled"
    assert [row["stable"] for row in second["items"]] == [True] * 3
    assert {reason["side"] for reason in second["items"][1]["reasons"]} == {"above", "below"}
    assert same["agreed"] is True


def test_a_rating_outside_the_middle_half_of_the_last_round_needs_its_reason(office, panel):
    found = opened(office, panel)
    for token in found:
        rate(token, panel, [4, 5, 3])
    services.close_round(actor=office, panel=panel, number=1)
    opened(office, panel)
    with pytest.raises(ValidationError) as refused:
        rate(found[0], panel, [1, 5, 3], number=2)
    key = panel.items.first().pk
    assert list(refused.value.message_dict) == [f"reason_{key}"]
    rate(found[0], panel, [1, 5, 3], number=2, reasons={0: "We stopped using it."})


def test_no_more_rounds_than_planned(office, panel):
    for number in (1, 2, 3):
        opened(office, panel)
        services.close_round(actor=office, panel=panel, number=number)
    with pytest.raises(PanelNotReady, match="3 rounds"):
        opened(office, panel)
    ended = services.end_panel(actor=office, panel=panel)
    assert ended.state == PanelState.ENDED


# Pairwise comparison


def compare(token, panel, ratios, number=1):
    a, b, c = sorted(item.pk for item in panel.items.all())
    pairs = {"ab": (a, b), "ac": (a, c), "bc": (b, c)}
    said = {pairs[name]: ratio for name, ratio in ratios.items()}
    return services.answer(token=token, number=number, content=PairwiseAnswer(said))


def test_comparisons_of_all_experts_become_weights_with_intervals(office, panel):
    for token in opened(office, panel, RoundKind.PAIRWISE):
        compare(token, panel, {"ab": 2.0, "bc": 2.0, "ac": 4.0})
    result = services.close_round(actor=office, panel=panel, number=1).result
    # Consistent judgments 4 : 2 : 1.
    assert [row["weight"] for row in result["items"]] == pytest.approx([4 / 7, 2 / 7, 1 / 7])
    assert result["consistent"] == 6
    assert all(row["low"] <= row["weight"] + 1e-9 and row["weight"] - 1e-9 <= row["high"] for row in result["items"])


def test_an_incomplete_comparison_counts_and_one_that_relates_nothing_is_refused_by_name(office, panel, skill):
    token = opened(office, panel, RoundKind.PAIRWISE)[0]
    with pytest.raises(ValidationError, match="Half of the practice"):
        compare(token, panel, {"ab": 3.0})
    compare(token, panel, {"ab": 3.0, "bc": 2.0})
    assert PanelAnswer.objects.filter(content__isnull=False).count() == 1


def test_the_worst_triad_is_shown_to_its_expert_and_nothing_is_altered(office, panel):
    token = opened(office, panel, RoundKind.PAIRWISE)[0]
    compare(token, panel, {"ab": 9.0, "bc": 9.0, "ac": 1 / 9})
    check = services.check_of(services.take_seat(token))
    assert check.ratio > 0.1
    assert (check.ab, check.bc) != ("", "")
    assert sorted(PanelAnswer.objects.get(content__isnull=False).content["ratios"].values()) == [1 / 9, 9.0, 9.0]


# Pages


@pytest.mark.parametrize(
    ("who", "draft", "running"),
    [
        ("office", 200, 200),
        ("reviewer", 200, 200),
        ("hr", 404, 404),
        ("colleague_hr", 404, 404),
        ("teacher", 404, 404),
        ("student", 404, 404),
        ("stranger", 404, 404),
    ],
)
def test_a_panel_is_open_to_office_and_reviewers(who, draft, running, request, sign_in, office, panel):
    client = sign_in(request.getfixturevalue(who))
    assert client.get(panel.get_absolute_url()).status_code == draft
    opened(office, panel)
    assert client.get(panel.get_absolute_url()).status_code == running


def test_the_invited_see_their_panel_once_it_is_open_but_not_who_else_is_invited(office, panel, experts, sign_in):
    client = sign_in(experts[0])
    assert client.get(panel.get_absolute_url()).status_code == 404
    opened(office, panel)
    shown = client.get(panel.get_absolute_url())
    assert shown.status_code == 200
    assert experts[1].name not in shown.content.decode()
    exported = client.get(reverse("demand:panel_export", args=[panel.uid, "csv"]))
    assert b"".join(exported.streaming_content).count(b"\n") == 1


def test_what_the_office_does_is_closed_to_the_invited_and_to_strangers(office, panel, experts, sign_in, anonymous):
    opened(office, panel)
    names = ("panel_round_open", "panel_tokens_renew", "panel_end")
    addresses = [reverse(f"demand:{name}", args=[panel.uid]) for name in names]
    addresses.append(reverse("demand:panel_round_close", args=[panel.uid, 1]))
    for address in addresses:
        assert sign_in(experts[0]).post(address).status_code == 403
        assert anonymous.post(address)["Location"].startswith(reverse("account_login"))
    for address in (reverse("demand:panel_new"), reverse("demand:panel_amend", args=[panel.uid])):
        assert sign_in(experts[0]).get(address).status_code == 403


def test_the_office_runs_a_panel_by_its_pages(office, sign_in, experts):
    client = sign_in(office)
    typed = {
        "name_zh": "嵌入式人才", "question_zh": "多重要？", "items": "实践在企业 | Practice in enterprises\n甲 | A",
        "experts": "\n".join(person.email for person in experts), "points": 5, "band_from": 4, "rule": "either",
        "least_share": 0.75, "most_variation": 0.25, "most_spread": 1, "most_change": 0.15, "most_rounds": 3,
    }  # fmt: skip
    asked = client.get(reverse("demand:panel_new")).content.decode()
    assert all(f'name="{name}"' in asked for name in typed)
    wrong = client.post(reverse("demand:panel_new"), typed | {"experts": "nobody@example.org", "points": 40})
    assert wrong.status_code == 422
    assert "nobody@example.org" in wrong.content.decode()
    assert client.post(reverse("demand:panel_new"), typed).status_code == 302
    panel = Panel.objects.get()
    amended = typed | {"revision": panel.revision, "most_rounds": 2}
    assert client.post(reverse("demand:panel_amend", args=[panel.uid]), amended).status_code == 302
    assert client.post(reverse("demand:panel_amend", args=[panel.uid]), amended).status_code == 409
    opening = reverse("demand:panel_round_open", args=[panel.uid])
    late = client.post(opening, {"kind": "rating", "due_on": soon(-1).isoformat()})
    assert late.status_code == 422
    assert client.post(opening, {"kind": "rating", "due_on": soon().isoformat()}).status_code == 302
    assert client.post(reverse("demand:panel_tokens_renew", args=[panel.uid])).status_code == 302
    assert client.post(reverse("demand:panel_round_close", args=[panel.uid, 1])).status_code == 302
    assert "Fewer than five answers" in client.get(panel.get_absolute_url()).content.decode()
    assert client.post(reverse("demand:panel_end", args=[panel.uid])).status_code == 302
    assert client.get(reverse("demand:panel_list")).status_code == 200


def test_a_closed_rounds_result_is_shown_and_exported(office, panel, sign_in, reviewer):
    tokens_ = opened(office, panel)
    for token in tokens_:
        rate(token, panel, [5 if token == tokens_[0] else 4, 5, 3], reasons={0: "Our lines need it."})
    services.close_round(actor=office, panel=panel, number=1)
    for token in opened(office, panel, RoundKind.PAIRWISE, renew_tokens=True):
        compare(token, panel, {"ab": 2.0, "bc": 2.0, "ac": 4.0}, number=2)
    services.close_round(actor=office, panel=panel, number=2)
    client = sign_in(reviewer)
    shown = client.get(panel.get_absolute_url()).content.decode()
    assert "Our lines need it." in shown
    assert "57.1" in shown
    table = b"".join(client.get(reverse("demand:panel_export", args=[panel.uid, "csv"])).streaming_content).decode()
    assert len(table.strip().splitlines()) == 1 + 3 + 3
    assert client.get(reverse("demand:panel_export", args=[panel.uid, "pdf"])).status_code == 404


def test_an_erased_expert_leaves_the_panel_without_a_trace_of_the_name(office, panel, experts):
    assert privacy._export(experts[0])["invitations_to_panels"][0]["panel__uid"] == panel.uid
    assert privacy._erase(experts[0]) == 1
    assert PanelExpert.objects.filter(panel=panel, person__isnull=True).count() == 1


# The door


def send(client, token, panel, **changes):
    keys = [item.pk for item in panel.items.all()]
    typed = {"token": token, "round": "1", "send": "1", "familiarity": "0.8"}
    typed |= {f"rating_{key}": "4" for key in keys} | {f"basis_{name}": str(size) for name, size in BASES.items()}
    return client.post(reverse("demand:answer"), typed | changes)


def test_an_expert_answers_without_signing_in_and_leaves_no_session(office, panel, anonymous):
    token = opened(office, panel)[0]
    door = reverse("demand:answer")
    shown = anonymous.get(door)
    assert shown.status_code == 200
    # Not "no-referrer": browsers then send no origin with the form, and the protection against forgery refuses it.
    assert shown["Referrer-Policy"] == "same-origin"
    assert "no-store" in shown["Cache-Control"]
    assert anonymous.post(door, {"token": token}).context["rows"]
    sent = send(anonymous, token, panel)
    assert "Your answer is counted" in sent.content.decode()
    again = send(anonymous, token, panel)
    assert "replaced" in again.content.decode()
    assert "sessionid" not in anonymous.cookies and "ronghe_session" not in anonymous.cookies
    assert "messages" not in anonymous.cookies
    assert token not in sent.request["QUERY_STRING"] + sent.request["PATH_INFO"]


def test_a_wrong_or_late_answer_comes_back_with_what_was_typed(office, panel, anonymous):
    token = opened(office, panel)[0]
    keys = [item.pk for item in panel.items.all()]
    typed = {f"reason_{keys[0]}": "What I typed"}
    wrong = send(anonymous, token, panel, **typed, familiarity="")
    assert wrong.status_code == 422
    assert "What I typed" in wrong.content.decode()
    services.close_round(actor=office, panel=panel, number=1)
    late = send(anonymous, token, panel, **typed)
    assert late.status_code == 409
    assert "What I typed" in late.content.decode()
    assert not PanelAnswer.objects.filter(content__isnull=False).exists()


def test_wrong_tokens_are_slowed_down_and_right_ones_are_not_counted(office, panel, anonymous):
    from django.core.cache import cache

    cache.clear()
    token = opened(office, panel)[0]
    door = reverse("demand:answer")
    for _try in range(12):
        assert anonymous.post(door, {"token": token}).status_code == 200
    answers = [anonymous.post(door, {"token": "AAAAA-AAAAA-AAAAA-AAAAA"}).status_code for _try in range(12)]
    assert answers == [422] * 10 + [429] * 2
    cache.clear()


def test_experts_behind_one_proxy_do_not_share_their_wrong_tries(settings, panel, anonymous):
    from django.core.cache import cache

    cache.clear()
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    door, typed = reverse("demand:answer"), {"token": "AAAAA-AAAAA-AAAAA-AAAAA"}

    def tries(address):
        return [anonymous.post(door, typed, headers={"X-Forwarded-For": address}).status_code for _try in range(11)]

    assert tries("192.0.2.1") == [422] * 10 + [429]
    assert tries("192.0.2.2")[:10] == [422] * 10
    cache.clear()


def test_the_language_switch_keeps_what_was_typed_and_counts_no_answer(office, panel, anonymous):
    token = opened(office, panel)[0]
    item = panel.items.first()
    typed = {"token": token, "round": "1", f"rating_{item.pk}": "4", f"reason_{item.pk}": "Half a sentence"}
    shown = anonymous.post(reverse("demand:answer"), typed | {"language": "zh-hans"})
    page = shown.content.decode()
    assert shown.status_code == 200
    assert "Half a sentence" in page and '<option value="4" selected>' in page and 'lang="zh-Hans"' in page
    assert 'form="answer"' in page and "form-errors" not in page and shown.cookies["ronghe_language"].value == "zh-hans"
    assert not PanelAnswer.objects.filter(content__isnull=False).exists()


def test_invited_experts_are_told_on_their_first_screen_whether_they_have_answered_or_not(
    office, panel, experts, sign_in, stranger
):
    said = "You are asked to answer as an expert"
    assert said not in sign_in(experts[0]).get("/").content.decode()
    token = opened(office, panel)[0]
    assert said in sign_in(experts[0]).get("/").content.decode()
    rate(token, panel, [5, 4, 3])
    assert all(said in sign_in(expert).get("/").content.decode() for expert in experts)
    assert said not in sign_in(stranger).get("/").content.decode()
    client = sign_in(experts[1])
    page = client.get("/").content.decode()
    assert panel.name in page and experts[1].email in page and "send everyone a new one" in page
    assert client.get(reverse("demand:panel", args=[panel.uid])).status_code == 200
    services.close_round(actor=office, panel=panel, number=1)
    assert said not in client.get("/").content.decode()


def test_a_pairwise_answer_shows_its_contradiction_on_the_page(office, panel, anonymous):
    token = opened(office, panel, RoundKind.PAIRWISE)[0]
    a, b, c = sorted(item.pk for item in panel.items.all())
    typed = {"token": token, "round": "1", "send": "1", f"pair_{a}_{b}": "9"}
    apart = anonymous.post(reverse("demand:answer"), typed)
    assert apart.status_code == 422
    typed |= {f"pair_{b}_{c}": "9", f"pair_{a}_{c}": "-9"}
    shown = anonymous.post(reverse("demand:answer"), typed)
    assert shown.status_code == 200
    assert "contradict each other" in shown.content.decode()
