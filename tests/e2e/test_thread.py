"""The thread: from a real job advertisement to a certificate that a stranger verifies, as the people would walk it.

Each person has a sign-in and a browser of their own; nothing is written but by pages.
"""

import csv
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Error, Page, TimeoutError

from tests.e2e.conftest import Visitor, Visitors
from tests.need import PROJECT, shared

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

# An advertisement of September 2017, Berkeley: a networking firm that works "primarily in C++ with some Python, Rust".
ADVERTISEMENT = 6610
SKILL, SKILL_PAGE = "Rust", "/demand/skills/software.rust/"
TODAY = date.today()
SOURCE = "Who is hiring 2017–2018"
REFUSED = "Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)"
UNIT, WORK, FIRM = "用 Rust 编写协议栈", "协议栈开发（Rust）", "云脊通信技术（示例）"


def press(page: Page, selector: str) -> None:
    """Press the button and wait for the page that answers."""
    with page.expect_navigation():
        page.locator(selector).first.click()


def submit(page: Page, **fields: str) -> None:
    """Fill the page's one form by the names of its fields, and send it."""
    form = page.locator("main form:has(button)").last
    for name, value in fields.items():
        found = form.locator(f"[name='{name}']").first
        if found.evaluate("element => element.tagName") == "SELECT":
            found.select_option(value)
        else:
            found.fill(value)
    with page.expect_navigation():
        form.locator("button[type=submit], button:not([type])").last.click()


def until(page: Page, holds: Callable[[], bool], seconds: int = 60) -> None:
    """Look again until work in the background is done."""
    for _look in range(seconds * 2):
        if holds():
            return
        page.wait_for_timeout(500)
        # A page that shows progress loads itself anew: whoever comes second is called off.
        with suppress(Error):
            page.reload()
    raise AssertionError(f"{page.url} did not come to it:\n{page.locator('main').inner_text()[:600]}")


def the_advertisement(folder: Path) -> Path:
    """The real advertisement as a file of one row."""
    table = pq.read_table(shared("data/postings/who-is-hiring-2017-2018.parquet"))
    row = next(row for row in table.to_pylist() if row["id"] == ADVERTISEMENT)
    path = folder / "advertisement.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["external_id", "published_on", "title", "organisation", "text"])
        rows.writerow([row["id"], row["month"], "Software Engineer", "Nefeli Networks", row["text"]])
    return path


@dataclass
class Thread:
    """The people who walk it, each in a browser of their own, and what one leaves for the next."""

    visitors: Visitors
    seen: dict[str, str] = field(default_factory=dict)
    people: dict[str, Visitor] = field(default_factory=dict)

    def __call__(self, who: str, **how: int) -> Page:
        if who not in self.people:
            self.people[who] = self.visitors(who, **how)
        return self.people[who].page

    def go(self, who: str, path: str) -> Page:
        self(who)
        return self.people[who].open(path)


def a_real_advertisement_is_imported(thread: Thread, folder: Path) -> None:
    page = thread.go("office", "/demand/postings/import/")
    submit(page, name=SOURCE)
    page.set_input_files("input[type=file]", the_advertisement(folder))
    submit(page)
    until(page, lambda: page.locator("form[action$='/confirm/']").count() > 0)
    press(page, "form[action$='/confirm/'] button")
    page = thread.go("office", "/demand/postings/?text=Nefeli")
    until(page, lambda: page.locator("main tbody tr").count() > 0)
    press(page, "main tbody a")
    until(page, lambda: page.locator("main mark", has_text=SKILL).count() > 0)


def a_requirement_is_raised(thread: Thread) -> None:
    page = thread.go("hr", "/demand/requirements/new/?skill=software.rust")
    submit(
        page,
        skill=SKILL,
        head_count="4",
        needed_by=(TODAY + timedelta(days=200)).isoformat(),
        skill_level="3",
        severity="4",
        reason="基站侧协议栈改用 Rust 重写。",
    )
    thread.seen["requirement"] = page.url
    assert page.locator("h1").inner_text() == "Rust 语言"


def index_on(page: Page) -> float | None:
    """The CRI that a page of the index shows; None while a task still computes it."""
    shown = re.search(r"\d+\.\d", page.locator(".stat").filter(has_text="企业响应指数").first.inner_text())
    return float(shown[0]) if shown else None


def a_unit_is_released_for_it_and_the_index_moves(thread: Thread) -> None:
    index = thread.go("office", "/curriculum/cri/")
    until(index, lambda: index_on(index) is not None)
    before = index_on(index)
    assert before is not None
    page = thread.go("teacher", "/curriculum/")
    press(page, "main a:has-text('通信与智能装备工程')")
    press(page, "main a:has-text('5G 网络工程')")
    press(page, "form[action$='/start/'] button")
    press(page, "main a:has-text('打开草稿')")
    version = page.url
    press(page, "main a:has-text('编写单元')")
    page.locator("[name=enterprise_author]").select_option(label="温景行")
    submit(
        page,
        **{
            "name_zh": UNIT,
            "hours": "24",
            "practice_hours": "16",
            "skills-0-skill": SKILL,
            "skills-0-skill_level": "3",
            "skills-0-hours": "24",
            "skills-0-practice_hours": "16",
            "skills-0-evidence": "通过评审的代码仓库",
        },
    )
    page.fill("[name=summary]", "对应云脊通信的企业需求：用 Rust 编写协议栈")
    press(page, "form[action$='/summary/'] button")
    press(page, "form[action$='/submit/'] button")
    for reviewer in ("teacher.peer", "mentor"):
        page = thread.go(reviewer, version.removeprefix(thread.visitors.site.url))
        page.locator("form[action$='/review/'] [name=verdict][value=approved]").check()
        press(page, "form[action$='/review/'] button")
    page = thread.go("teacher", version.removeprefix(thread.visitors.site.url))
    press(page, "form[action$='/release/'] button")
    until(index, lambda: (index_on(index) or 0) > before)


def a_position_is_offered_under_a_signed_agreement(thread: Thread) -> None:
    page = thread.go("hr", "/positions/new/")
    page.locator("[name=region]").select_option(label="广州市")
    page.locator("[name=chain]").select_option(label="5G 与智能装备技能生态链（示例）")
    page.locator("[name=agreement]").select_option(label="云脊通信与岭海理工战略合作协议（示例）")
    page.locator("label", has_text=UNIT).locator("[name=units]").check()
    page.locator("label", has_text="Rust").locator("[name=requirements]").check()
    submit(
        page,
        title_zh=WORK,
        tasks="用 Rust 重写基站侧协议栈的一个模块，随回归交付。",
        field="comm",
        seats="2",
        starts_on=TODAY.isoformat(),
        ends_on=(TODAY + timedelta(days=180)).isoformat(),
        pay="4000",
        post_pay="4800",
        post_staff="40",
        skill_0=SKILL,
        level_0="2",
    )
    press(page, "form[action$='/submit/'] button")
    thread.seen["position"] = page.url.removeprefix(thread.visitors.site.url)
    page = thread.go("office", thread.seen["position"])
    press(page, "form[action$='/approve/'] button")
    assert page.locator("main").filter(has_text="开放").count()


def a_student_is_matched_with_a_reason(thread: Thread) -> None:
    """Preferences are taken until today; once they are there the office closes them, computes and publishes."""
    page = thread.go("office", "/positions/rounds/new/")
    page.locator("label", has_text="集成电路工程硕士").locator("[name=cohorts]").check()
    page.locator("[name=same_field]").uncheck()
    days = {"opens_on": -1, "closes_on": 0, "starts_on": 1, "ends_on": 170}
    said = {name: (TODAY + timedelta(days=number)).isoformat() for name, number in days.items()}
    submit(page, name_zh="秋季实习匹配", **said)
    round_page = page.url.removeprefix(thread.visitors.site.url)

    page = thread.go("student.free", round_page + "wishes/")
    press(page, f"tr:has-text('{WORK}') button[value^='add:']")
    page.locator("[name=agrees]").check()
    press(page, "button[name=do][value=save]")

    page = thread.go("office", round_page + "change/")
    submit(page, closes_on=(TODAY - timedelta(days=1)).isoformat(), starts_on=TODAY.isoformat())
    press(page, "button[name=mode][value=stable]")
    page = thread.go("office", round_page)
    until(page, lambda: page.locator("main tbody a[href*='/runs/']").count() > 0)
    page = thread.go("office", round_page + "runs/1/")
    until(page, lambda: page.locator("main a[href$='/publish/']").count() > 0)
    press(page, "main a[href$='/publish/']")
    submit(page)

    page = thread.go("student.free", round_page)
    press(page, "main a[href*='/assignments/']")
    assert WORK in page.locator("main").inner_text()
    thread.seen["reason"] = page.locator("main").inner_text()


def a_mentor_accepts_load_and_terms(thread: Thread) -> None:
    page = thread.go("hr", "/mentors/appoint/")
    page.locator("[name=organisation]").select_option(label=FIRM)
    address = next(one for one in thread.visitors.site.addresses if one.startswith("mentor@"))
    submit(page, person=address, title="senior", valid_from=TODAY.isoformat())
    press(page, "main a[href$='/offer/']")
    submit(page, load="5", intellectual_property="成果共有，署名按贡献。", insurance="企业投保实习责任险。")
    page = thread.go("mentor", "/")
    press(page, "main a[href*='/mentors/offers/']")
    press(page, "form[action$='/accept/'] button")


def sign(thread: Thread, who: str, paper: str) -> None:
    """Read the paper and sign it; the password is asked for once more where the sign-in is not fresh."""
    page = thread.go(who, paper)
    press(page, "main a[href$='/sign/']")
    press(page, "main form:has([name=digest]) button[type=submit]")
    if page.locator("[name=password]").count():
        submit(page, password=thread.visitors.site.password)
    assert page.locator(".toast", has_text="已签署").count()


def a_placement_starts_once_three_parties_have_signed(thread: Thread) -> None:
    page = thread.go("office", "/training/")
    press(page, "form[action$='/from-assignments/'] button")
    page = thread.go("office", f"/training/?text={WORK[:3]}")
    press(page, "main tbody a")
    placement = thread.seen["placement"] = page.url.removeprefix(thread.visitors.site.url)
    # Work in shifts, on any day: this walk is taken on holidays and weekends too.
    page = thread.go("office", f"{placement}change/")
    for day in page.locator("[name=days]").all():
        day.check()
    submit(page, reason="协议栈组实行轮班。")
    if page.locator("[name=despite_study]").count():
        thread.people["office"].complaints.remove(REFUSED)
        page.locator("[name=despite_study]").check()
        submit(page)
    for kind, name in (("mentor", "周启航"), ("teacher", "吴敏")):
        page = thread.go("office", f"{placement}supervisor/{kind}/")
        choice = page.locator("[name=person] option", has_text=name).get_attribute("value")
        assert choice
        submit(page, person=choice)

    page = thread.go("hr", placement)
    press(page, "form[action$='/agreement/draft/'] button")
    press(page, "main a:has-text('实习三方协议')")
    press(page, "main a[href*='/agreements/papers/']")
    paper = page.url.removeprefix(thread.visitors.site.url)
    press(page, "form[action$='/submit/'] button")
    page = thread.go("office", paper)
    press(page, "form[action$='/pass/'] button")
    press(page, "main a[href$='/send/']")
    send = page.url.removeprefix(thread.visitors.site.url)
    press(page, "main a:has-text('岭海理工大学（示例）的签署人')")
    press(page, "main a[href$='/new/']")
    address = next(one for one in thread.visitors.site.addresses if one.startswith("teacher@"))
    submit(page, email=address, title_zh="授权代表")
    page = thread.go("office", send)
    for name in ("陈思远", "吴敏"):
        page.locator("label", has_text=name).locator("input").check()
    submit(page)
    for who in ("hr", "teacher", "student.free"):
        sign(thread, who, paper)
    page = thread.go("hr", placement + "start/")
    submit(page)
    assert page.locator("main").filter(has_text="进行中").count()


def evidence_is_confirmed_on_a_phone(thread: Thread) -> None:
    """The student hands in the week; the mentor opens the link from the mail on a phone, signed in nowhere."""
    page = thread.go("student.free", thread.seen["placement"])
    press(page, "main a[href*='/weeks/']")
    submit(
        page,
        text="把协议栈的重传模块改写为 Rust，单元测试 42 项通过；与导师一起复核了时延统计。",
        hours="8",
        commit_url="https://git.example.org/yunji/stack/commit/" + "5f3a" * 10,
    )
    before = thread.visitors.site.log.read_text(encoding="utf-8")
    press(page, "form[action$='/link/'] button")
    link = thread.visitors.site.mailed(r"https?://\S+(/training/c/\S+/)", since=len(before))
    phone = thread.visitors(width=360)
    thread.people["phone"] = phone
    page = phone.open(link)
    assert "重传模块" in page.locator("main").inner_text()
    press(page, "main form button[name=verdict][value=confirmed]")
    assert "已确认" in page.locator("main").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def balance_of(thread: Thread, who: str) -> Decimal:
    page = thread.go(who, "/credits/")
    return Decimal(page.locator(".stat", has_text="账户余额").locator(".stat__value").inner_text())


def credits_are_deposited(thread: Thread) -> None:
    before = balance_of(thread, "student.free")
    page = thread.go("office", "/credits/")
    press(page, "form[action$='/day/'] button[name=so_far]")
    until(page, lambda: page.locator("main").filter(has_text="已完成").count() > 0)
    assert balance_of(thread, "student.free") == before + Decimal("0.50")
    assert thread.go("student.free", "/credits/").locator("main tbody tr", has_text=WORK).count()


def a_certificate_is_issued(thread: Thread, folder: Path) -> Path:
    page = thread.go("student.free", "/me/consent/")
    press(page, "form:has([name=purpose][value=certificates]) button")
    page = thread.go("office", "/credentials/certificates/new/")
    page.locator("[name=version]").select_option(label="芯片验证微证书（示例）")
    address = next(one for one in thread.visitors.site.addresses if one.startswith("student.free@"))
    submit(page, student=address)
    certificate = page.url.removeprefix(thread.visitors.site.url)
    page = thread.go("student.free", certificate)
    told = page.locator("main").inner_text()
    assert "企业实践：" + WORK in told, told
    assert "存入学分 0.5" in told, told
    bundle = folder / "certificate.ronghe.json"
    # The log seals every second and its witnesses sign a moment later; until then the page says so.
    for _try in range(20):
        page = thread.go("student.free", certificate + "bundle/")
        for fact in ("企业实践", "存入学分 0.5："):
            page.locator("label", has_text=fact).locator("[name=disclosed]").check()
        with suppress(TimeoutError), page.expect_download(timeout=3_000) as download:
            page.locator("main form button[type=submit]").last.click()
        if page.locator("main .note").count() == 0:
            break
        # Of this refusal, which the page tells, the browser complains as well.
        thread.people["student.free"].complaints.remove(REFUSED)
    download.value.save_as(bundle)
    return bundle


def a_stranger_verifies_it(thread: Thread, folder: Path, bundle: Path) -> None:
    """Offline, with nothing but the program, the file and the published keys; and on the public page."""
    stranger = thread.visitors()
    thread.people["stranger"] = stranger
    page = stranger.open("/verify/")
    with page.expect_download() as download:
        page.locator("main a", has_text="信任密钥").first.click()
    keys = folder / "keys.json"
    download.value.save_as(keys)
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONPATH": str(PROJECT / "src")}
    offline = subprocess.run(
        [sys.executable, "-m", "ronghe", "verify", str(bundle), "--trust", str(keys)],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert offline.returncode == 0, offline.stdout + offline.stderr
    page.set_input_files("input[type=file]", bundle)
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_selector("main :text('证书真实有效')")
    shown = page.locator("main").inner_text()
    assert WORK in shown
    assert "李思雨" not in shown


def the_office_opens_the_practice_share_down_to_that_evidence(thread: Thread) -> None:
    page = thread.go("office", "/credits/")
    press(page, ".stat:has-text('实践学分占比') a")
    press(page, f"main tbody tr:has-text('{WORK}') a[href*='/credits/achievements/']")
    press(page, "main a[href*='/training/entries/']")
    assert "重传模块" in page.locator("main").inner_text()


def test_a_need_becomes_a_certificate_that_a_stranger_verifies(visitors: Visitors, tmp_path: Path) -> None:
    thread = Thread(visitors)
    a_real_advertisement_is_imported(thread, tmp_path)
    a_requirement_is_raised(thread)
    a_unit_is_released_for_it_and_the_index_moves(thread)
    a_position_is_offered_under_a_signed_agreement(thread)
    a_student_is_matched_with_a_reason(thread)
    a_mentor_accepts_load_and_terms(thread)
    a_placement_starts_once_three_parties_have_signed(thread)
    evidence_is_confirmed_on_a_phone(thread)
    credits_are_deposited(thread)
    bundle = a_certificate_is_issued(thread, tmp_path)
    a_stranger_verifies_it(thread, tmp_path, bundle)
    the_office_opens_the_practice_share_down_to_that_evidence(thread)
    assert {who: visitor.complaints for who, visitor in thread.people.items() if visitor.complaints} == {}
