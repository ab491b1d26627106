"""The site's DIDs: which address an issuer's document lies under, the document itself, and whose keys are trusted."""

from collections.abc import Iterable
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.urls import reverse

from ronghe.apps.credentials.models import Issuer, IssuerKey
from ronghe.trust import did


def site_did() -> str:
    """Return the DID of the site itself, served at `/.well-known/did.json`."""
    parts = urlsplit(settings.RONGHE_PUBLIC_URL)
    return f"did:web:{quote(parts.netloc, safe='')}"


def did_of_issuer(uid: str) -> str:
    """Return the DID of an issuer of this site, served under its page."""
    return f"{site_did()}:credentials:issuers:{uid}"


def public_address(name: str, *arguments: object) -> str:
    """Return the whole address of a page of this site, as outsiders reach it."""
    return settings.RONGHE_PUBLIC_URL.rstrip("/") + reverse(name, args=arguments)


def trusted_form(issuer: Issuer, keys: Iterable[IssuerKey] | None = None) -> did.Issuer:
    """Return an issuer with its keys as `trust` knows them; revoked keys are among them and say so."""
    listed = issuer.keys.all() if keys is None else keys
    return did.Issuer(
        did=issuer.did,
        name=issuer.organisation.name_zh,
        keys=tuple(
            did.IssuerKey(
                id=f"{issuer.did}#{key.name}",
                public_key=bytes(key.public_key),
                valid_from=key.valid_from,
                valid_until=key.valid_until,
                revoked_at=key.revoked_at,
            )
            for key in sorted(listed, key=lambda key: key.pk)
        ),
    )


def own_issuers() -> list[did.Issuer]:
    """Return every issuer of this site with its keys, in one query and without a row's worth of model for each."""
    names: dict[str, str] = {}
    keys: dict[str, list[did.IssuerKey]] = {}
    for address, name, key, public_key, begins, ends, revoked in Issuer.objects.order_by("pk", "keys__pk").values_list(
        "did",
        "organisation__name_zh",
        "keys__name",
        "keys__public_key",
        "keys__valid_from",
        "keys__valid_until",
        "keys__revoked_at",
    ):
        names[address] = name
        held = keys.setdefault(address, [])
        if key is not None:
            held.append(did.IssuerKey(f"{address}#{key}", bytes(public_key), begins, ends, revoked))
    return [did.Issuer(address, name, tuple(keys[address])) for address, name in names.items()]


def resolver(*, any_did_key: bool = False) -> did.KeyResolver:
    """Return whose proofs this site accepts: its own issuers', and with `any_did_key` whoever signs as did:key."""
    return did.TrustedIssuers(own_issuers(), any_did_key=any_did_key)
