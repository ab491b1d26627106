"""A small rule set for the tests of policies, proposed by the office and published by a reviewer."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.utils import translation

from ronghe.apps.policies import services
from ronghe.apps.policies.models import RuleSetVersion

LONG_AGO = date(2020, 1, 1)

HEAD = """
code = "house-rules"
name_zh = "自定规则"
name_en = "House rules"
jurisdiction = "community"
authority_zh = "共同体"
authority_en = "The community"
source = "minutes of 2026-01-05"
standing = "text seen"
"""

MEMBERS = """
[[rules]]
key = "members"
name_zh = "成员数"
name_en = "Members"
text_zh = "成员不少于两家。"
text_en = "Two members or more."
clause_zh = "第一条"
clause_en = "Clause 1"
subject = "chain"
metric = "community.chain.members"
operator = "at least"
threshold = 2
unit = "count"
window = "day"
margin = 1
severity = "critical"
effective_from = 2020-01-01
"""

STAFF = """
[[rules]]
key = "staff"
name_zh = "规模"
name_en = "Size"
text_zh = "链主参保 300 人以上。"
text_en = "The leader insures 300 or more."
clause_zh = "第二条"
clause_en = "Clause 2"
subject = "enterprise"
scope = { tier = ["leader"] }
metric = "training.enterprise.apprentices"
operator = "at least"
threshold = 1
unit = "persons"
window = { months = 12 }
severity = "minor"
effective_from = 2020-01-01
"""


FAST = """
[[rules]]
key = "fast"
name_zh = "核验用时"
name_en = "Speed"
text_zh = "三秒内核验。"
text_en = "Verified within three seconds."
clause_zh = "第三条"
clause_en = "Clause 3"
subject = "community"
metric = "credentials.verification_seconds"
operator = "at most"
threshold = 3
unit = "seconds"
window = { months = 1 }
severity = "minor"
effective_from = 2020-01-01
"""


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """What services say is compared in English; pages speak each person's language anyway."""
    with translation.override("en"):
        yield


@pytest.fixture
def publish(office, reviewer):
    """Propose a text as the office and publish it as the reviewer."""

    def act(text: str, note: str = "as agreed") -> RuleSetVersion:
        version = services.propose_version(actor=office, text=text, note=note)
        return services.publish_version(actor=reviewer, version=version)

    return act


@pytest.fixture
def rules(publish) -> RuleSetVersion:
    """Two rules: two members or more, and apprentices of leaders."""
    return publish(HEAD + MEMBERS + STAFF)
