"""Sources of postings and the postings themselves, as they were published. What is found in them is `processing`'s."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from django.db import transaction
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import selectors as community
from ronghe.apps.community.services.permission import demand
from ronghe.apps.demand import events
from ronghe.apps.demand.keys import digest_of_text, enterprise_key, language_of
from ronghe.apps.demand.models import Posting, Source
from ronghe.apps.demand.services.counting import renew_data_version
from ronghe.apps.ledger import services as ledger

_ROWS_AT_ONCE = 500


class ImportRefused(ValueError):
    """The rows contradict what is already there; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class PostingData:
    """One advertisement as a file has it."""

    external_id: str
    published_on: date
    text: str
    title: str = ""
    organisation: str = ""
    city: str = ""
    region: str = ""
    field: str | None = None
    head_count: int | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of an import: rows written, and rows that were there already."""

    written: int
    skipped: int
    first_day: date | None
    last_day: date | None


@transaction.atomic
def register_source(
    *, actor: Person, name: str, licence: str = "", address: str = "", is_example: bool = False
) -> Source:
    """Name a source of postings, with the licence under which its texts may be used."""
    demand(actor, "demand.register_source")
    source = Source(name=name.strip(), licence=licence.strip(), address=address.strip(), is_example=is_example)
    source.full_clean()
    source.save()
    ledger.record(
        actor=actor,
        type=events.SOURCE_REGISTERED,
        subject=source,
        payload={
            "name": source.name,
            "licence": source.licence,
            "address": source.address,
            "is_example": source.is_example,
        },
    )
    return source


def known_texts(source: Source) -> dict[str, str]:
    """The digest of each posting that came from `source`, by its number there."""
    return dict(source.postings.values_list("external_id", "text_digest"))


@transaction.atomic
def import_postings(*, actor: Person, source: Source, rows: Iterable[PostingData]) -> Imported:
    """Write the postings that are new; skip those that are there with the same text.

    Raises ImportRefused when a number stands for another text: an advertisement is never edited. All or nothing.
    """
    demand(actor, "demand.import_postings", source)
    known = known_texts(source)
    organisations = {name: found[0].pk for name, found in community.organisations_by_name().items() if len(found) == 1}
    written = skipped = 0
    days: set[date] = set()
    digest = hashlib.sha256()

    def new_postings() -> Iterator[Posting]:
        nonlocal skipped
        for row in rows:
            text_digest = digest_of_text(row.text)
            digest.update(f"{row.external_id}\0{text_digest}\n".encode())
            before = known.setdefault(row.external_id, "")
            if not before:
                known[row.external_id] = text_digest
                days.add(row.published_on)
                yield _posting(source, row, text_digest, organisations.get(row.organisation.strip().casefold()))
            elif before == text_digest:
                skipped += 1
            else:
                raise ImportRefused(
                    _("Number %(number)s already stands for another text. Give the new posting its own number.")
                    % {"number": row.external_id}
                )

    stream = new_postings()
    while batch := list(islice(stream, _ROWS_AT_ONCE)):
        written += len(Posting.objects.bulk_create(batch))
    imported = Imported(written, skipped, min(days, default=None), max(days, default=None))
    if written:
        renew_data_version()
    ledger.record(
        actor=actor,
        type=events.POSTINGS_IMPORTED,
        subject=source,
        payload={
            "written": imported.written,
            "skipped": imported.skipped,
            "first_day": imported.first_day,
            "last_day": imported.last_day,
            "digest": digest.hexdigest(),
        },
    )
    return imported


def _posting(source: Source, row: PostingData, text_digest: str, organisation: int | None) -> Posting:
    return Posting(
        source=source,
        external_id=row.external_id,
        published_on=row.published_on,
        title=row.title,
        organisation_name=row.organisation.strip(),
        organisation_id=organisation,
        enterprise_key=enterprise_key(organisation, row.organisation.strip(), row.text),
        city=row.city,
        region=row.region,
        field=row.field or "",
        head_count=row.head_count,
        language=row.language or language_of(row.text),
        text=row.text,
        text_digest=text_digest,
    )
