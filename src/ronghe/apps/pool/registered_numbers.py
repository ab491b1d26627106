"""The numbers under which intellectual property is registered: brought to one form, and refused where they are wrong.

It looks nothing up; that a number exists is a matter of the certificate. Foreign numbers are taken as they are.
"""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ronghe.apps.pool.models.assets import AssetKind

_SPACES = re.compile(r"[\s·]+")
# 申请号: year, kind, serial number, check digit (ZC 0006—2003, "Standard for patent application numbers").
_CHINESE_PATENT = re.compile(r"(?:ZL|CN)?((?:19|20)\d{2}[12389]\d{7}|\d{2}[12389]\d{5})\.?([\dX])")
_WEIGHTS = {12: (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), 8: (2, 3, 4, 5, 6, 7, 8, 9)}
_SOFTWARE = re.compile(r"(?:19|20)\d{2}SR\d{6,7}")
_LAYOUT = re.compile(r"BS\.?\d{8,9}(?:\.?[\dX])?")
_CHINESE = re.compile(r"(?:ZL|CN)?\d")


def check_digit(serial: str) -> str:
    """The check digit of a Chinese patent's application number of 8 or 12 digits: weighted sum modulo 11, 10 as X."""
    remainder = sum(int(digit) * weight for digit, weight in zip(serial, _WEIGHTS[len(serial)], strict=True)) % 11
    return "X" if remainder == 10 else str(remainder)


def registered_number(kind: str, typed: str) -> str:
    """The number in its one form, without spaces and in capitals. Raises ValidationError for one that cannot be."""
    number = _SPACES.sub("", typed).upper()
    if not number:
        return ""
    if kind == AssetKind.PATENT and _CHINESE.match(number):
        found = _CHINESE_PATENT.fullmatch(number)
        if found is None:
            raise ValidationError({"number": _("A Chinese patent has a number such as ZL202310123456.7.")})
        if check_digit(found[1]) != found[2]:
            raise ValidationError(
                {"number": _("A digit is wrong: the check digit does not fit. Compare it with the certificate.")}
            )
        return f"ZL{found[1]}.{found[2]}"
    if kind == AssetKind.SOFTWARE and not _SOFTWARE.fullmatch(number):
        raise ValidationError({"number": _("A software copyright has a number such as 2023SR0123456.")})
    if kind == AssetKind.LAYOUT and not _LAYOUT.fullmatch(number):
        raise ValidationError({"number": _("A layout design has a number such as BS.205001234.")})
    return number
