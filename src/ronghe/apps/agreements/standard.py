"""The templates that come with Ronghe: a beginning for an office, to be changed by those who know their law."""

from typing import Any


def _clause(kind: str, heading: tuple[str, str], text: tuple[str, str], **values: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "heading": {"zh": heading[0], "en": heading[1]},
        "text": {"zh": text[0], "en": text[1]},
        "values": values,
    }


_PURPOSE = _clause(
    "text",
    ("合作目的", "Purpose"),
    (
        "各方在平等自愿的基础上，围绕电子信息领域人才培养开展合作，使教学内容回应企业需求，使学生在真实岗位上学习。",
        "The parties work together of their own will so that teaching in electronic information answers what "
        "enterprises need and students learn in real posts.",
    ),
)
_DISPUTES = _clause(
    "text",
    ("争议解决", "Disputes"),
    (
        "因本协议发生的争议，各方先行协商；协商不成的，提交共同体办公室调解，调解不成的依法处理。",
        "The parties first talk about a dispute; then the community office mediates; failing that, the law decides.",
    ),
)
_RIGHTS = _clause(
    "ip",
    ("知识产权", "Intellectual property"),
    (
        "合作前已有的知识产权归原权利人所有。进入知识产权共享池的成果按共享池规则使用。",
        "What each party had before stays its own. Results in the sharing pool are used by its rules.",
    ),
    ownership="joint",
    teaching="free",
)
_DATA = _clause(
    "data",
    ("数据", "Data"),
    (
        "仅提供实现约定目的所需的数据，接收方不得转给第三方，期满删除。",
        "Only what the purpose needs is given; it is not passed on and is deleted at the end.",
    ),
    purpose="实习与培养管理 · running placements and training",
    months=36,
)

TEMPLATES: tuple[dict[str, Any], ...] = (
    {
        "kind": "strategic",
        "name_zh": "产教融合战略合作协议",
        "name_en": "Strategic cooperation agreement",
        "clauses": [
            _PURPOSE,
            _clause(
                "positions",
                ("实习岗位", "Positions"),
                (
                    "岗位须与所学专业相关，企业在每学期开始前公布岗位与要求。",
                    "Positions fit the field of study; the enterprise publishes them before each term.",
                ),
                per="year",
            ),
            _clause(
                "mentors",
                ("企业导师", "Mentors"),
                (
                    "导师由企业选派，每名导师同时指导的学生不超过五人，课时费按共同体标准支付。",
                    "The enterprise names the mentors; each guides five students at most and is paid by "
                    "the community's fee standard.",
                ),
            ),
            _clause(
                "equipment",
                ("设备", "Equipment"),
                ("设备安全由提供方负责培训。", "Whoever provides a machine trains its users in safety."),
            ),
            _RIGHTS,
            _DATA,
            _DISPUTES,
        ],
    },
    {
        "kind": "talent_supply",
        "name_zh": "人才供给协议",
        "name_en": "Talent supply agreement",
        "clauses": [
            _PURPOSE,
            _clause(
                "talent_supply",
                ("人才供给", "Talent supply"),
                (
                    "高校按约定方向和人数培养，企业优先录用考核合格者；学生保有择业自由。",
                    "The university trains the agreed number; the enterprise offers posts to those who pass; students "
                    "remain free to choose.",
                ),
                per="year",
            ),
            _clause(
                "positions",
                ("实习岗位", "Positions"),
                ("用于上述学生的实习。", "For the placements of these students."),
                per="year",
            ),
            _clause(
                "fees",
                ("培养费用", "Fees"),
                ("按年结算，凭课时记录支付。", "Settled by year, paid against the record of class hours."),
                per="class_hour",
            ),
            _DATA,
            _DISPUTES,
        ],
    },
    {
        "kind": "three_party",
        "name_zh": "学生实习三方协议",
        "name_en": "Three-party placement agreement",
        "clauses": [
            _clause(
                "positions",
                ("实习岗位", "Position"),
                ("企业安排与专业相关的岗位并指定导师。", "The enterprise gives a fitting position and names a mentor."),
                per="in_all",
                quantity=1,
            ),
            _clause(
                "text",
                ("企业的义务", "Duties of the enterprise"),
                (
                    "提供符合国家规定的劳动条件、安全培训和保险；实习报酬不低于本单位同岗位工资的百分之八十，按月足额支付；"
                    "不安排加班、夜班和高风险工作。",
                    "Lawful working conditions, safety training and insurance; pay of at least 80 per cent of the same "
                    "post, in full every month; no overtime, night shifts or dangerous work.",
                ),
            ),
            _clause(
                "text",
                ("高校的义务", "Duties of the university"),
                (
                    "指派指导教师，办理保险，跟踪实习情况，出现问题时及时调整。",
                    "Names a teacher, arranges insurance, follows the placement and mends what goes wrong.",
                ),
            ),
            _clause(
                "text",
                ("学生的义务", "Duties of the student"),
                (
                    "遵守岗位规程和保密要求，按周提交工作成果，由企业导师确认。",
                    "Keeps the rules and secrets of the post, and hands in work each week for the mentor to confirm.",
                ),
            ),
            _RIGHTS,
            _DATA,
        ],
    },
)
