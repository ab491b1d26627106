"""Generated job advertisements for the demonstration: skills drift over eighteen months as a market does.

They are made from the lexicon's own labels and sentence frames of ours, and carry the mark of a generated source.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ronghe.apps.demo.cast import FIRMS, Firm

MONTHS = 18
ADS_A_MONTH = 45

# Skills asked for more and more, or less and less, over the months: the factor from the first month to the last.
DRIFT = {
    "ai.rag": 9.0,
    "ai.llm": 4.0,
    "ai.ai-agent": 12.0,
    "ai.prompt-engineering": 5.0,
    "ic.uvm": 2.0,
    "ic.advanced-packaging": 5.0,
    "comm.private-5g": 3.0,
    "software.jquery": 0.2,
    "software.rust": 3.0,
    "infrastructure.kubernetes": 1.8,
    "ecommerce.tiktok-shop": 3.0,
    "ecommerce.ebay": 0.5,
}

# The field whose skills an advertisement may name beside those of its own.
NEIGHBOUR = {
    "ic": "embedded",
    "comm": "infrastructure",
    "embedded": "software",
    "ai": "software",
    "software": "infrastructure",
    "ecommerce": "ai",
}

TITLES = {
    "ic": (("数字设计工程师", "模拟设计工程师", "芯片验证工程师", "工艺整合工程师", "封装测试工程师"), "IC engineer"),
    "comm": (("无线网络工程师", "射频工程师", "核心网工程师", "通信协议开发工程师"), "Communications engineer"),
    "embedded": (("嵌入式软件工程师", "硬件工程师", "运动控制工程师", "物联网开发工程师"), "Embedded engineer"),
    "ai": (("算法工程师", "大模型应用工程师", "视觉算法工程师", "数据分析师"), "AI engineer"),
    "software": (("后端开发工程师", "前端开发工程师", "测试开发工程师", "运维工程师"), "Software engineer"),
    "ecommerce": (("跨境电商运营", "广告投放专员", "独立站运营", "供应链专员"), "Cross-border commerce specialist"),
}
CITIES = {
    "440100": "广州",
    "440300": "深圳",
    "440400": "珠海",
    "440600": "佛山",
    "441200": "肇庆",
    "441900": "东莞",
    "810000": "香港",
}


@dataclass(frozen=True, slots=True)
class NamedSkill:
    """What the generator needs of a skill of the lexicon."""

    code: str
    field: str
    group: str
    name_zh: str
    name_en: str


def generate(skills: Sequence[NamedSkill], *, today: date, seed: int = 2026) -> Iterator[dict[str, str]]:
    """Yield advertisements as rows of the posting import, oldest first; the same rows for the same day and seed."""
    rng = random.Random(seed)  # noqa: S311
    pools = _pools(skills, rng)
    enterprises = [firm for firm in FIRMS if firm.fields]
    voices = [rng.uniform(0.5, 2.5) for _firm in enterprises]
    number = 0
    for month in range(MONTHS):
        first = _month_start(today, MONTHS - 1 - month)
        days = max(1, min(28, (today - first).days + 1))
        for _advertisement in range(round(ADS_A_MONTH * (1 + month / MONTHS / 2) * days / 28)):
            firm = rng.choices(enterprises, voices)[0]
            number += 1
            yield _advertisement_of(
                f"G-{number:05d}", firm, first + timedelta(days=rng.randrange(days)), month / (MONTHS - 1), pools, rng
            )


def _pools(skills: Sequence[NamedSkill], rng: random.Random) -> dict[str, tuple[list[NamedSkill], list[float]]]:
    """For each field its skills in a drawn order with weights that fall as 1/rank: few are asked for often."""
    pools = {}
    for field in sorted({skill.field for skill in skills}):
        members = sorted((skill for skill in skills if skill.field == field), key=lambda skill: skill.code)
        rng.shuffle(members)
        members.sort(key=lambda skill: skill.code not in DRIFT)
        pools[field] = (members, [1 / (rank + 4) for rank in range(len(members))])
    return pools


def _advertisement_of(
    number: str,
    firm: Firm,
    day: date,
    progress: float,
    pools: dict[str, tuple[list[NamedSkill], list[float]]],
    rng: random.Random,
) -> dict[str, str]:
    field = rng.choice(firm.fields)
    # An advertisement is about two groups of its field, and now and then names a neighbour's skill.
    own, own_weights = pools[field]
    about = set(rng.sample(sorted({skill.group for skill in own}), 2))
    wanted = rng.randint(4, 8)
    named = {
        skill.code: skill
        for skill in rng.choices(
            own,
            [
                weight * DRIFT.get(skill.code, 1.0) ** progress * (1 if skill.group in about else 0.02)
                for skill, weight in zip(own, own_weights, strict=True)
            ],
            k=wanted,
        )
    }
    if rng.random() < 0.4:
        neighbours, weights = pools[NEIGHBOUR[field]]
        skill = rng.choices(neighbours, weights)[0]
        named[skill.code] = skill
    english = firm.region == "810000"
    titles, title_en = TITLES[field]
    chosen = list(named.values())
    general, _weights = pools["transversal"]
    return {
        "external_id": number,
        "published_on": day.isoformat(),
        "title": title_en if english else rng.choice(titles),
        "organisation": firm.name_en if english else firm.name_zh,
        "city": CITIES[firm.region],
        "region": "香港" if firm.region == "810000" else "广东",
        "field": field,
        "head_count": str(rng.choice((1, 1, 2, 2, 3, 4, 6, 10))),
        "language": "en" if english else "zh",
        "text": _english(chosen, rng.choice(general), rng) if english else _chinese(chosen, rng.choice(general), rng),
    }


def _chinese(skills: list[NamedSkill], general: NamedSkill, rng: random.Random) -> str:
    names = [skill.name_zh for skill in skills]
    half = max(1, len(names) // 2)
    duties = "；".join(
        rng.choice(("负责{}相关工作", "承担{}方向的任务", "参与{}的落地")).format(name) for name in names[:half]
    )
    wanted = "、".join(names[half:]) or names[0]
    opening = rng.choice(("团队正在扩充，项目周期一年以上。", "新产线年底投产，岗位长期招聘。", "欢迎应届硕士应聘。"))
    return (
        f"{opening}\n岗位职责：\n{duties}。\n任职要求：\n{rng.choice(('熟悉', '掌握', '了解'))}{wanted}；"
        f"具备{general.name_zh}。\n福利：五险一金，{rng.choice(('餐补', '班车', '住宿', '年度体检'))}。"
    )


def _english(skills: list[NamedSkill], general: NamedSkill, rng: random.Random) -> str:
    names = [skill.name_en for skill in skills]
    half = max(1, len(names) // 2)
    duties = "\n".join(f"- {rng.choice(('Own', 'Support', 'Improve'))} our work on {name}." for name in names[:half])
    wanted = "\n".join(f"- Experience with {name}." for name in names[half:] or names)
    return (
        f"We are hiring for a project that runs for a year or more.\n\nWhat you will do:\n{duties}\n\n"
        f"What we ask for:\n{wanted}\n- {general.name_en}.\n\n"
        f"We offer {rng.choice(('a shuttle bus', 'meals', 'housing'))}."
    )


def _month_start(today: date, months_back: int) -> date:
    month = today.year * 12 + today.month - 1 - months_back
    return date(month // 12, month % 12 + 1, 1)
