"""Agreements: templates, agreements with their parties and papers, signatures, and what was promised, dated."""

from ronghe.apps.agreements.models.agreements import (
    Agreement,
    Instrument,
    InstrumentKind,
    InstrumentState,
    Party,
)
from ronghe.apps.agreements.models.promises import Promise, Term
from ronghe.apps.agreements.models.signing import (
    OutsidePaper,
    PrintedCopy,
    Reminder,
    Signatory,
    Signature,
    SignatureMethod,
)
from ronghe.apps.agreements.models.templates import AgreementKind, Template, TemplateVersion

__all__ = [
    "Agreement",
    "AgreementKind",
    "Instrument",
    "InstrumentKind",
    "InstrumentState",
    "OutsidePaper",
    "Party",
    "PrintedCopy",
    "Promise",
    "Reminder",
    "Signatory",
    "Signature",
    "SignatureMethod",
    "Template",
    "TemplateVersion",
    "Term",
]
