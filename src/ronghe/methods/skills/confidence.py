"""How sure a mention in a Chinese clause is, by where it stands; finds nothing and knows no lexicon.

Chinese joins words without spaces, so a form may be but a part of what is named ("晶圆" in "晶圆厂"), or name the thing
that the work is done on ("对讲机" in "负责对讲机的射频设计"). Decision trees over what stands around a mention tell
these from skills that are asked for. The trees are data; this module computes what they ask about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from ronghe.methods.skills.model import SurfaceForm

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

_OTHER, _WIDE, _CLAUSE_END, _SENTENCE_END, _LIST, _OF, _BRACKET = range(7)
_KINDS = np.zeros(1 << 16, dtype=np.uint8)
_KINDS[0x4E00:0xA000] = _WIDE
for _kind, _characters in (
    (_CLAUSE_END, "，,：:"),
    (_SENTENCE_END, "。；;！!？?\n\r\x00"),
    (_LIST, "、/和与及或+&"),
    (_OF, "的"),
    (_BRACKET, '（）()【】《》“”"'),
):
    _KINDS[[ord(_character) for _character in _characters]] = _kind


def _pairs(words: str) -> Integers:
    """Return the first two characters of each of the words, as one number each, in order; one character has zeros."""
    return np.unique([(ord(word[0]) << 16) + (ord(word[1]) if len(word) > 1 else 0) for word in words.split()])


# Nouns that make a form before them a part of the name of a thing, and words that follow the name of a skill.
_THINGS = _pairs(
    "产品 芯片 设备 终端 模块 模组 主板 整机 主控 系统 平台 项目 客户 行业 团队 知识 软件 直播 产线 事业 "
    "公司 领域 企业 制造 图像 数据 类目 方案 业务 场景 中心 工程 板卡 站点 用户 品牌 大厂 同行 外观 治具 "
    "备件 台架 类产 路由 市场 赛道"
)
_THING_ENDINGS = _pairs("厂 板 机 器 卡 类 商 所 馆 园")
_SKILL_WORDS = _pairs(
    "经验 能力 基础 原理 优先 语言 框架 协议 编程 开发 设计 调试 仿真 测试 分析 技术 算法 工具 方法 扎实 "
    "流利 经历 背景 加分 至少 流程 实战 熟练 者优 均可 都行 都可 即可 要会 要熟 更佳 更好 为主 为佳 任一 "
    "其一 任选 二选 任意 等工 等主 等常 也行 建模 脚本 认证 证书 相关 理论 协同 应用 使用 操作"
)
_SKILL_ENDINGS = _pairs("等 更 最 者 都 均 要 会 做 写 搭 熟")
# What asks for the skill after it, and what says that work is done on it.
_ASKS = _pairs(
    "熟悉 熟练 掌握 了解 精通 使用 运用 具备 基于 用过 做过 写过 会用 擅长 懂得 学过 通过 利用 采用 借助 编写 操作"
)
_ASKING_ENDINGS = _pairs("会 懂 用 过 有 能 写 做 持 跑 画")
_DUTIES = _pairs("负责 参与 承担 完成 从事 协助 跟进 主导 参加 进行 开展 对接 配合 维护 支持 面向 统筹 执行 管理")
_NEAR = 6
DEPTH = 3
"""How many questions a decision tree asks."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Mentions by start: half-open offsets in a text of many, number of the form, and the score so far."""

    start: Integers
    end: Integers
    form: Integers
    score: Floats


@dataclass(frozen=True, slots=True)
class FormTraits:
    """What is asked of each surface form whatever stands around it: numbers of its skill, group and field,
    whether it is ambiguous, and values by name."""

    skill: Integers
    group: Integers
    field: Integers
    ambiguous: Booleans
    values: Mapping[str, Floats]

    @classmethod
    def of(cls, forms: Sequence[SurfaceForm]) -> FormTraits:
        """Return the traits of the forms of one lexicon."""
        labels = "\n".join(dict.fromkeys(chain.from_iterable(form.labels for form in forms)))
        siblings = Counter(form.skill_id for form in forms)
        rows = [_traits(form, labels, siblings[form.skill_id]) for form in forms]
        return cls(
            _numbered(form.skill_id for form in forms),
            _numbered(form.group for form in forms),
            _numbered(form.field for form in forms),
            np.array([form.ambiguous for form in forms], dtype=bool),
            {name: np.array([row[name] for row in rows], dtype=np.float64) for name in rows[0]},
        )


def _numbered(names: Iterable[str]) -> Integers:
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], dtype=np.int64)


def _traits(form: SurfaceForm, labels: str, siblings: int) -> dict[str, float]:
    text = form.text
    latin = text.isascii()
    mixed = not latin and any(character.isascii() and character.isalnum() for character in text)
    wide = not latin and not mixed
    own = "\n".join(form.labels)
    shared = max(
        (len(set(text) & set(label)) / min(len(set(text)), len(set(label))) for label in form.labels), default=0.0
    )
    return {
        "latin": latin,
        "latin_2": latin and len(text) <= 2,
        "latin_3": latin and len(text) == 3,
        "mixed": mixed,
        "wide_2": wide and len(text) == 2,
        "wide_3": wide and len(text) == 3,
        "label": text in form.labels,
        "overlap": shared,
        "in_other_label": labels.count(text) > own.count(text),
        "ambiguous": form.ambiguous,
        "yields": form.yields,
        "siblings": float(np.log(siblings)),
    }


def _kinds(codes: NDArray[np.uint32]) -> NDArray[np.uint8]:
    return _KINDS[np.minimum(codes, 0xFFFF)]


def features(codes: NDArray[np.uint32], placed: Placed, traits: FormTraits) -> dict[str, Floats]:
    """Return by name what is asked of each mention, and under "chinese" whether its clause has Chinese at all.

    `codes` are the code points of the text; two places before the first mention and after the last must be there.
    """
    kinds = _kinds(codes)
    start, end, form = placed.start, placed.end, placed.form
    sentence_ends = np.flatnonzero(kinds == _SENTENCE_END)
    clause_ends = np.flatnonzero((kinds == _SENTENCE_END) | (kinds == _CLAUSE_END))
    sentence = np.searchsorted(sentence_ends, start)
    clause = np.searchsorted(clause_ends, start)
    bounds = np.concatenate(([-1], clause_ends, [len(codes)]))
    low, high = bounds[clause] + 1, bounds[np.minimum(clause + 1, len(bounds) - 1)]
    high = np.maximum(high, end)
    wide_before = np.concatenate(([0], np.cumsum(kinds == _WIDE)))

    after, second = codes[end].astype(np.int64), codes[end + 1].astype(np.int64)
    before, first = codes[start - 1].astype(np.int64), codes[start - 2].astype(np.int64)
    opening = (codes[low].astype(np.int64) << 16) + codes[np.minimum(low + 1, len(codes) - 1)]
    next_kind, previous_kind = kinds[end], kinds[start - 1]

    count = len(start)
    here = np.arange(count)
    follower, leader = np.minimum(here + 1, count - 1), np.maximum(here - 1, 0)
    has_follower = (follower != here) & (clause[follower] == clause)
    has_leader = (leader != here) & (clause[leader] == clause)
    touches_next = has_follower & (start[follower] == end)
    touched = has_leader & (end[leader] == start)

    right_pair = (after << 16) + second
    thing = (np.isin(right_pair, _THINGS) | np.isin(after << 16, _THING_ENDINGS)) & ~touches_next
    skill_word = (np.isin(right_pair, _SKILL_WORDS) | np.isin(after << 16, _SKILL_ENDINGS)) & ~touches_next
    thing &= ~skill_word
    left_pair = (first << 16) + before
    asks = (np.isin(left_pair, _ASKS) | np.isin(before << 16, _ASKING_ENDINGS)) & ~touched
    duty = np.isin(left_pair, _DUTIES) & ~touched & ~asks
    clause_duty = np.isin(opening, _DUTIES)

    of = np.flatnonzero(kinds == _OF)
    following = np.searchsorted(of, end)
    next_of = np.append(of, len(codes))[following]
    of_right = next_of < high
    last_in_clause = _last_of(clause, start)
    mention_after_of = of_right & (last_in_clause > next_of)
    preceding = np.searchsorted(of, start) - 1
    of_left = (preceding >= 0) & (np.append(of, -1)[preceding] >= low)

    joins = np.cumsum((kinds == _LIST) | (kinds == _OF) | (kinds == _BRACKET))
    runs_on = has_follower & (touches_next | (joins[start[follower] - 1] == joins[np.maximum(end - 1, 0)]))
    together = _counts(sentence)
    same_field = _counts(sentence, traits.field[form]) > 1
    same_skill = _counts(sentence, traits.skill[form])
    found: dict[str, Booleans | Floats] = {
        "chinese": wide_before[high] > wide_before[low],
        "score": np.where(traits.ambiguous[form], placed.score, 0.0),
        "touches_next": touches_next,
        "touched": touched,
        "of_after": next_kind == _OF,
        "thing_after": thing,
        "skill_word_after": skill_word,
        "wide_after": (next_kind == _WIDE) & ~touches_next & ~thing & ~skill_word,
        "list_before": ~touched & (previous_kind == _LIST),
        "of_before": previous_kind == _OF,
        "duty": duty,
        "wide_before": (previous_kind == _WIDE) & ~touched & ~asks & ~duty,
        "mention_after_of": mention_after_of,
        "of_near": mention_after_of & (next_of - end <= _NEAR),
        "of_left": of_left,
        "mention_right": has_follower,
        "mention_left": has_leader,
        "alone": together == 1,
        "together": np.log(together),
        "same_field": same_field,
        "same_group": _counts(sentence, traits.group[form]) > 1,
        "other_fields": ~same_field & (together > 1),
        "same_skill": same_skill > 1,
        "clause_duty": clause_duty,
        "duty_modifier": clause_duty & has_follower & ~has_leader,
        "duty_of": clause_duty & mention_after_of,
        "runs_on": runs_on,
        "head": ~touches_next & ((end == high) | (next_kind == _LIST) | (next_kind == _BRACKET)),
    }
    values = {name: np.asarray(value, dtype=np.float64) for name, value in found.items()}
    return values | {name: value[form] for name, value in traits.values.items()}


def _counts(*keys: Integers) -> Floats:
    """Return for each row how many rows have the same keys."""
    combined = keys[0]
    for key in keys[1:]:
        combined = combined * (int(key.max(initial=0)) + 1) + key
    _, place, count = np.unique(combined, return_inverse=True, return_counts=True)
    return np.asarray(count[place], dtype=np.float64)


def _last_of(clause: Integers, start: Integers) -> Integers:
    """Return the start of the last mention in the clause of each; both ascend."""
    last = np.searchsorted(clause, clause, side="right") - 1
    return start[last]


@dataclass(frozen=True, slots=True)
class Confidence:
    """The chance that a mention in a Chinese clause is asked for, and the least that counts: boosted decision trees.

    Every tree asks `DEPTH` questions of a mention, each whether what is named exceeds a threshold: (trees,
    2^DEPTH − 1) numbers of `names` and thresholds, from the root on, level by level. Its leaves (trees, 2^DEPTH) are
    log-odds to add to `bias`. Source: Friedman, "Greedy function approximation: a gradient boosting machine", Annals
    of Statistics 29(5), 2001.
    """

    names: tuple[str, ...]
    question: Integers
    threshold: Floats
    leaf: Floats
    bias: float
    least: float

    def chance(self, values: Mapping[str, Floats]) -> Floats:
        """Return the chance of each mention; a name that there is no value for raises `KeyError`."""
        table = np.column_stack([values[name] for name in self.names])
        total = np.full(len(table), self.bias)
        rows = np.arange(len(table))
        for question, threshold, leaf in zip(self.question, self.threshold, self.leaf, strict=True):
            place = np.zeros(len(table), dtype=np.int64)
            for _ in range(DEPTH):
                place = 2 * place + 1 + (table[rows, question[place]] > threshold[place])
            total += leaf[place - len(question)]
        chance: Floats = 1.0 / (1.0 + np.exp(-total))
        return chance
