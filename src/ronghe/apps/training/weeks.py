"""Weeks of evidence: which one a day lies in, what two texts have in common, what a link to a commit looks like.

Pure functions; how many hours a week can hold is counted in `services/handing_in.py`.
"""

import hashlib
import re
import unicodedata
from datetime import date, timedelta
from urllib.parse import urlsplit, urlunsplit

# Labour law's ordinary day and longest week: eight hours and two of overtime; forty-four hours and some overtime.
MOST_A_DAY = 10
MOST_A_WEEK = 48
# A shorter text is the same as another by chance.
_LEAST_COMPARED = 12
_LEAST_RESEMBLING = 40
_SHINGLE = 5
# A changed word or two in a hundred letters leave so much the same; reports in one form with other contents less.
NEAR = 0.7
_COMMIT = re.compile(r"/(?:commit|commits|revision)/(?:[0-9a-f]{40}|[0-9a-f]{64})$")


def monday_of(day: date) -> date:
    """The Monday of the week in which `day` lies."""
    return day - timedelta(days=day.weekday())


def text_digest(text: str) -> str:
    """SHA-256 of the letters and digits of a text, whatever their width, case and spacing; empty for short texts."""
    letters = _letters(text)
    return hashlib.sha256(letters.encode()).hexdigest() if len(letters) >= _LEAST_COMPARED else ""


def shingles(text: str) -> frozenset[str]:
    """Every stretch of five letters or digits of a text; empty for texts that are too short to be compared so."""
    letters = _letters(text)
    if len(letters) < _LEAST_RESEMBLING:
        return frozenset()
    return frozenset(letters[at : at + _SHINGLE] for at in range(len(letters) - _SHINGLE + 1))


def is_near(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two texts are nearly the same: of all their shingles they share so many (Broder's resemblance, 1997)."""
    return bool(one) and len(one & other) >= NEAR * len(one | other)


def _letters(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFKC", text).casefold() if one.isalnum())


def commit_link(address: str) -> str | None:
    """The address of a commit as it is kept (no query, no fragment), or None where it names no commit by its hash."""
    try:
        parts = urlsplit(address.strip())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.password:
        return None
    path = parts.path.rstrip("/")
    head, slash, tail = path.rpartition("/")
    path = f"{head}{slash}{tail.lower()}"
    if not _COMMIT.search(path):
        return None
    host = parts.hostname.lower() + (f":{port}" if port else "")
    return urlunsplit(("https", host, path, "", ""))
