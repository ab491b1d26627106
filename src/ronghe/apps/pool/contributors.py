"""Who is meant by what people type as a contributor: an e-mail address, an organisation, or a name within a project."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import CohortMembership, Organisation, Role
from ronghe.apps.community.selectors import organisations_by_name
from ronghe.apps.pool.models import Asset


class NobodyMeant(ValueError):
    """Nobody, or more than one, is meant; the message says how to write it."""


@dataclass(frozen=True, slots=True)
class Meant:
    """A person or an organisation."""

    person: Person | None = None
    organisation: Organisation | None = None


def meant_by(typed: str, asset: Asset) -> Meant:
    """Find the contributor. Names are looked for among people of the project's organisations. Raises NobodyMeant."""
    text = typed.strip()
    if "@" in text:
        person = Person.objects.filter(email=text.lower(), is_active=True, erased_at__isnull=True).first()
        if person is None:
            raise NobodyMeant(
                _("Nobody takes part with the address “%(typed)s”. Ask the office to invite them.") % {"typed": text}
            )
        return Meant(person=person)
    organisations = organisations_by_name([text]).get(text.casefold(), [])
    if len(organisations) == 1:
        return Meant(organisation=organisations[0])
    people = _people_of(asset).filter(Q(name=text) | Q(name_latin__iexact=text))
    found = list(people.distinct()[:2])
    if len(found) == 1:
        return Meant(person=found[0])
    if found or organisations:
        raise NobodyMeant(
            _("Several are called “%(typed)s”: write the e-mail address, or the credit code.") % {"typed": text}
        )
    raise NobodyMeant(
        _("Nobody of the project's organisations is called “%(typed)s”: write the e-mail address.") % {"typed": text}
    )


def _people_of(asset: Asset) -> QuerySet[Person]:
    project = asset.project
    organisations = [project.host_id, *project.partners.values_list("pk", flat=True)]
    roles = Role.objects.known().filter(organisation__in=organisations).values("person")
    students = CohortMembership.objects.known().filter(cohort__organisation__in=organisations).values("person")
    return Person.objects.filter(Q(pk__in=roles) | Q(pk__in=students), is_active=True)
