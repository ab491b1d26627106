"""What every program is answered when something is wrong; one definition, since the contract knows schemas by name."""

from typing import Any

from ninja import Schema


class Problem(Schema):
    """What was wrong and how to mend it."""

    detail: str


class Invalid(Schema):
    """What was wrong with the values sent: a sentence, or a list with the place of each."""

    detail: str | list[Any]
