"""The words of every code that a check may carry, in both languages: pages, terminal, receipt and browser use these.

A code is never renamed, because others' programs rely on it; a new one is added here before it is used.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Words(NamedTuple):
    """One sentence in English and in Chinese."""

    en: str
    zh: str


WORDS: Mapping[str, Words] = {
    # form
    "form-holds": Words("The file is well formed.", "文件格式正确。"),
    "form-is-broken": Words("The file is not what it claims to be.", "文件格式不正确，无法识别。"),
    "form-is-too-large": Words("The file is larger than allowed.", "文件超过允许的大小。"),
    "form-is-not-canonical": Words("The file is not in its canonical form.", "文件不是规范形式。"),
    "form-unsupported-version": Words("This version of the format is not understood.", "不支持该版本的文件格式。"),
    "form-carries-nothing": Words("No certificate is attached to this file.", "文件中没有附带证书。"),
    "form-parts-disagree": Words("Parts of the file belong to different certificates.", "文件各部分不属于同一证书。"),
    # issuer
    "issuer-is-trusted": Words("The issuer is on the list of trusted issuers.", "颁发机构在信任名单中。"),
    "issuer-is-unknown": Words("The issuer is not on the list of trusted issuers.", "颁发机构不在信任名单中。"),
    "issuer-key-is-unknown": Words("The issuer has no such key.", "颁发机构没有该密钥。"),
    "issuer-key-was-not-valid": Words(
        "The issuer's key was not valid when it signed.", "签名时颁发机构的密钥不在有效期内。"
    ),
    "issuer-key-is-revoked": Words("The issuer's key is revoked.", "颁发机构的密钥已被撤销。"),
    # signature
    "signature-holds": Words("The signature holds.", "签名有效。"),
    "signature-does-not-hold": Words("The signature does not hold.", "签名无效。"),
    "signature-is-missing": Words("A signature that must be there is missing.", "缺少必需的签名。"),
    "signature-is-malformed": Words("A signature is not in the form it must have.", "签名格式不正确。"),
    "signature-suite-is-unknown": Words("The kind of signature is not understood.", "不支持该签名类型。"),
    "signature-purpose-is-wrong": Words("The signature was made for another purpose.", "签名的用途不符。"),
    # integrity
    "integrity-holds": Words("Nothing was changed after signing.", "签名后内容未被改动。"),
    "integrity-is-unknown": Words("Its text is no longer at hand to be compared.", "原文已不在手，无法核对。"),
    "integrity-is-broken": Words("Something was changed, added or left out.", "内容被改动、增添或遗漏。"),
    "integrity-terms-are-undefined": Words("It has terms that no signature covers.", "含有未被签名覆盖的未定义字段。"),
    "integrity-context-is-unknown": Words(
        "It uses a vocabulary that is not known here.", "使用了此处未收录的词汇表，无法核验。"
    ),
    "integrity-graph-is-too-complex": Words("Its data is too complex to be checked.", "数据结构过于复杂，无法核验。"),
    # log
    "log-includes-it": Words("The log includes this document.", "溯源账本中有该文件。"),
    "log-is-unknown": Words("The log is not on the list of trusted logs.", "该溯源账本不在信任名单中。"),
    "log-signature-does-not-hold": Words("The log's signature does not hold.", "溯源账本的签名无效。"),
    "log-proof-is-malformed": Words("The proof of the log is not well formed.", "账本证明格式不正确。"),
    "log-proof-does-not-hold": Words("The log does not include this document.", "溯源账本中没有该文件。"),
    "log-only-grew": Words("The log only grew since it was last audited.", "自上次核查以来，溯源账本只增不改。"),
    "log-makes-its-root": Words(
        "All entries of the log make the root that it signed.", "账本全部条目与其签署的根哈希一致。"
    ),
    "log-was-rolled-back": Words("The log is shorter than it was.", "溯源账本比以前短，曾被回退。"),
    "log-has-a-split-view": Words("The log shows another history than before.", "溯源账本出示的历史与以前不同。"),
    "log-does-not-make-its-root": Words(
        "The entries of the log do not make the root that it signed.", "账本条目与其签署的根哈希不符。"
    ),
    "log-is-of-another": Words("The log speaks of another document.", "溯源账本所载为另一份文件。"),
    "log-proof-is-missing": Words("There is no proof of the log.", "缺少账本证明。"),
    "log-time-is-missing": Words("The log signed no time.", "溯源账本没有签署时间。"),
    "log-is-in-the-future": Words("The log's time lies in the future.", "溯源账本的时间晚于当前时间。"),
    # witnesses
    "witnesses-suffice": Words("Enough witnesses signed this head of the log.", "见证机构的签名数量达到要求。"),
    "witnesses-are-too-few": Words("Too few witnesses signed this head of the log.", "见证机构的签名数量不足。"),
    "witnesses-are-unknown": Words("No trusted witnesses are named.", "未指定可信的见证机构。"),
    "witnesses-are-not-required": Words("Witnesses are not asked for.", "未要求见证机构签名。"),
    "witness-signature-does-not-hold": Words("The signature of a witness does not hold.", "见证机构的签名无效。"),
    "witness-is-in-the-future": Words("A witness signed in the future.", "见证机构的签名时间晚于当前时间。"),
    "witness-saw-a-rollback": Words("A witness saw the log shrink.", "见证机构发现溯源账本被回退。"),
    "witness-saw-a-split-view": Words("A witness saw two versions of the log.", "见证机构发现溯源账本存在两个版本。"),
    # status
    "status-is-good": Words("Neither revoked nor suspended.", "未被撤销或中止。"),
    "status-is-revoked": Words("The certificate is revoked.", "证书已被撤销。"),
    "status-is-suspended": Words("The certificate is suspended.", "证书已被中止。"),
    "status-is-not-stated": Words("Nothing states whether it was revoked.", "没有关于是否撤销的说明。"),
    "status-is-out-of-date": Words("The statement on revocation is too old.", "撤销状态说明已过期。"),
    "status-is-in-the-future": Words(
        "The statement on revocation is of the future.", "撤销状态说明的时间晚于当前时间。"
    ),
    "status-is-of-another": Words("The statement on revocation is about another.", "撤销状态说明针对的是另一份证书。"),
    "status-signature-does-not-hold": Words(
        "The statement on revocation is not signed rightly.", "撤销状态说明的签名无效。"
    ),
    "status-is-by-a-stranger": Words(
        "Whoever states that it was not revoked is not among those you trust.",
        "说明撤销状态的机构不在您的信任名单中。",
    ),
    "status-is-malformed": Words("The statement on revocation is not well formed.", "撤销状态说明格式不正确。"),
    "status-list-is-unavailable": Words("The list of revocations is not at hand.", "无法取得撤销状态列表。"),
    # validity
    "validity-holds": Words("It is valid at this time.", "证书在有效期内。"),
    "validity-has-not-begun": Words("It is not valid yet.", "证书尚未生效。"),
    "validity-has-ended": Words("It has expired.", "证书已过期。"),
    # path
    "path-holds": Words("The events shown belong to the certificate.", "所示经历属于该证书。"),
    "path-is-not-shown": Words("No events are shown.", "未出示经历。"),
    "path-does-not-hold": Words("Events shown do not belong to the certificate.", "所示经历不属于该证书。"),
    "path-is-malformed": Words("The events shown are not well formed.", "所示经历格式不正确。"),
    "path-has-no-root": Words("The certificate commits to no events.", "证书未包含经历的承诺值。"),
    # anchor
    "anchor-holds": Words("The anchor on the chain holds.", "链上锚定有效。"),
    "anchor-is-not-there": Words("There is no anchor.", "没有链上锚定。"),
    "anchor-does-not-hold": Words("The anchor on the chain does not hold.", "链上锚定无效。"),
    "anchor-is-not-trusted": Words("No block of the chain is known to be right.", "没有可信的区块可供核对。"),
    "anchor-is-malformed": Words("The anchor is not well formed.", "链上锚定格式不正确。"),
    "anchor-is-of-another": Words(
        "The anchor is of another log or of another state of it.", "链上锚定针对的是另一账本或另一状态。"
    ),
    "anchor-is-not-read-here": Words(
        "There is an anchor; the browser does not check it, the program “ronghe verify” does.",
        "文件带有链上锚定；浏览器不作核对，请用“ronghe verify”程序核对。",
    ),
    "timestamp-holds": Words("The time stamp holds.", "时间戳有效。"),
    "timestamp-does-not-hold": Words("The time stamp does not hold.", "时间戳无效。"),
    "timestamp-is-malformed": Words("The time stamp is not well formed.", "时间戳格式不正确。"),
    "timestamp-is-of-another": Words("The time stamp is of something else.", "时间戳针对的是另一内容。"),
    "timestamp-is-in-the-future": Words("The time stamp lies in the future.", "时间戳晚于当前时间。"),
    "timestamp-is-not-trusted": Words(
        "The time stamp is not by an authority that you trust.", "时间戳机构不在您的信任名单中。"
    ),
}
