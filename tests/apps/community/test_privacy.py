"""What the community gives a person of their own, and lets go of."""

import pytest

from ronghe.apps.accounts import services as accounts
from ronghe.apps.community import services
from ronghe.apps.community.models import ChainInvitation
from tests.factories import ChainFactory, PersonFactory

pytestmark = pytest.mark.django_db


def test_the_address_an_invitation_went_to_is_exported_and_erased(office, data_dir):
    invited, other = PersonFactory.create(), PersonFactory.create()
    for email in (invited.email, other.email):
        services.invite_to_chain(actor=office, chain=ChainFactory.create(), email=email, organisation_name="新企业")
    told = accounts.export_own_data(actor=invited, person=invited)
    assert [one["organisation"] for one in told["community"]["invitations"]] == ["新企业"]
    accounts.erase_own_data(actor=invited, person=invited)
    assert list(ChainInvitation.objects.order_by("pk").values_list("email", flat=True)) == ["", other.email]
