"""The invented people and organisations of the demonstration. Every organisation says （示例） in its name."""

from dataclasses import dataclass

PASSWORD = "ronghe-demo-2026"  # noqa: S105  (the demonstration prints it; it opens nothing else)
EMAIL_DOMAIN = "demo.ronghe.example"


@dataclass(frozen=True, slots=True)
class Firm:
    """An invented organisation: kind, names, region, and the fields it advertises in."""

    key: str
    kind: str
    name_zh: str
    name_en: str
    region: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChainPlan:
    """An invented chain: its leader, and the members with who brought each one in and in which month they came."""

    name_zh: str
    name_en: str
    field: str
    leader: str
    members: tuple[tuple[str, str, int], ...]
    universities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Character:
    """Someone who can sign in to look around."""

    local_part: str
    name: str
    role: str
    organisation: str
    language: str = "zh-hans"


# Division codes of GB/T 2260.
REGIONS = (
    ("440000", "", "广东省", "Guangdong"),
    ("440100", "440000", "广州市", "Guangzhou"),
    ("440300", "440000", "深圳市", "Shenzhen"),
    ("440400", "440000", "珠海市", "Zhuhai"),
    ("440600", "440000", "佛山市", "Foshan"),
    ("441200", "440000", "肇庆市", "Zhaoqing"),
    ("441900", "440000", "东莞市", "Dongguan"),
    ("810000", "", "香港特别行政区", "Hong Kong"),
)

FIRMS = (
    Firm("linghai", "university", "岭海理工大学（示例）", "Linghai Institute of Technology (Example)", "440100"),
    Firm("duanjiang", "university", "端江学院（示例）", "Duanjiang University (Example)", "441200"),
    Firm("bureau", "government", "岭海市教育局（示例）", "Linghai Education Bureau (Example)", "440100"),
    Firm("chamber", "chamber", "岭海电子信息行业协会（示例）", "Linghai Electronics Association (Example)", "440100"),
    Firm("nanyu", "enterprise", "南屿半导体（示例）", "Nanyu Semiconductor (Example)", "440300", ("ic",)),
    Firm("xingqiao", "enterprise", "星桥微电子（示例）", "Xingqiao Microelectronics (Example)", "440300", ("ic",)),
    Firm("lixin", "enterprise", "砺芯封测（示例）", "Lixin Assembly and Test (Example)", "441900", ("ic",)),
    Firm(
        "saltmarsh",
        "enterprise",
        "盐沼半导体（示例）",
        "Saltmarsh Semiconductor (Example)",
        "810000",
        ("ic", "embedded"),
    ),
    Firm("quillstone", "enterprise", "羽石电路（示例）", "Quillstone Circuits (Example)", "810000", ("ic",)),
    Firm(
        "yunji", "enterprise", "云脊通信技术（示例）", "Yunji Communications (Example)", "440100", ("comm", "software")
    ),
    Firm("papercrane", "enterprise", "纸鹤电信（示例）", "Paper Crane Telecom (Example)", "810000", ("comm",)),
    Firm("heguang", "enterprise", "禾光智控（示例）", "Heguang Controls (Example)", "440600", ("embedded",)),
    Firm("jian", "enterprise", "极岸机器人（示例）", "Ji'an Robotics (Example)", "440300", ("embedded", "ai")),
    Firm("mingcha", "enterprise", "明察视觉科技（示例）", "Mingcha Vision (Example)", "441200", ("ai", "embedded")),
    Firm("lanternfish", "enterprise", "灯鱼设备（示例）", "Lanternfish Devices (Example)", "810000", ("embedded",)),
    Firm("haique", "enterprise", "海雀跨境电商（示例）", "Haique Cross-border (Example)", "440100", ("ecommerce",)),
    Firm("chengzhou", "enterprise", "橙舟优品（示例）", "Chengzhou Selects (Example)", "440400", ("ecommerce",)),
    Firm("shiguang", "enterprise", "拾光智能（示例）", "Shiguang Intelligence (Example)", "440100", ("ai", "software")),
    Firm("fanhe", "enterprise", "帆合软件（示例）", "Fanhe Software (Example)", "440400", ("software",)),
    Firm(
        "tidewheel",
        "enterprise",
        "潮轮软件（示例）",
        "Tidewheel Software (Example)",
        "810000",
        ("software", "ecommerce"),
    ),
    Firm("moonpetal", "enterprise", "月瓣分析（示例）", "Moonpetal Analytics (Example)", "810000", ("ai", "ecommerce")),
    Firm("kitebridge", "enterprise", "鸢桥商贸（示例）", "Kitebridge Commerce (Example)", "810000", ("ecommerce",)),
)

CHAINS = (
    ChainPlan(
        "集成电路技能生态链（示例）",
        "Integrated-circuit chain (Example)",
        "ic",
        "nanyu",
        (("xingqiao", "nanyu", 0), ("lixin", "nanyu", 2), ("saltmarsh", "nanyu", 7), ("quillstone", "xingqiao", 11)),
        ("linghai", "duanjiang"),
    ),
    ChainPlan(
        "5G 与智能装备技能生态链（示例）",
        "5G and smart-equipment chain (Example)",
        "comm",
        "yunji",
        (
            ("papercrane", "yunji", 1),
            ("heguang", "yunji", 1),
            ("jian", "heguang", 5),
            ("mingcha", "yunji", 8),
            ("lanternfish", "jian", 13),
        ),
        ("linghai", "duanjiang"),
    ),
    ChainPlan(
        "跨境数字商务技能生态链（示例）",
        "Cross-border digital commerce chain (Example)",
        "ecommerce",
        "haique",
        (
            ("chengzhou", "haique", 0),
            ("shiguang", "haique", 3),
            ("fanhe", "haique", 4),
            ("tidewheel", "fanhe", 9),
            ("moonpetal", "shiguang", 10),
            ("kitebridge", "haique", 14),
        ),
        ("duanjiang",),
    ),
)

CHARACTERS = (
    Character("office", "林岚", "office", "linghai"),
    Character("hr", "陈思远", "enterprise_hr", "yunji"),
    Character("hr.ic", "Grace Ho", "enterprise_hr", "saltmarsh", "en"),
    Character("mentor", "周启航", "mentor", "heguang"),
    Character("teacher", "吴敏", "teacher", "linghai"),
    Character("teacher.peer", "郑一帆", "teacher", "linghai"),
    Character("student", "张伟", "student", "linghai"),
    Character("student.free", "李思雨", "student", "linghai"),
    Character("reviewer", "黄卫东", "reviewer", "bureau"),
)

# Surnames and given names that are put together for the students of the cohorts; nobody in particular.
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高"
GIVEN_NAMES = (
    "子涵",
    "宇轩",
    "欣怡",
    "浩然",
    "诗琪",
    "俊杰",
    "雨桐",
    "思远",
    "佳宁",
    "嘉豪",
    "若曦",
    "明哲",
    "梓萱",
    "立诚",
    "静雯",
)
