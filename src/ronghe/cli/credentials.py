"""`ronghe credentials keys`: the ceremonies with issuers' keys that need the machine and not a browser."""

import argparse
import os
import sys
from typing import TYPE_CHECKING

from ronghe.cli import site

if TYPE_CHECKING:
    from ronghe.apps.credentials.models import Issuer, IssuerKey


def add_to(parser: argparse.ArgumentParser) -> None:
    """Options of `ronghe credentials`."""
    parts = parser.add_subparsers(dest="part", required=True, metavar="keys")
    keys = parts.add_parser("keys", help="list, rotate, retire and revoke issuers' keys; seal them under a new key")
    tasks = keys.add_subparsers(dest="task", required=True, metavar="list|rotate|add|retire|revoke|reseal")
    tasks.add_parser("list", help="every issuer with its keys and what each may do today")
    rotate = tasks.add_parser("rotate", help="make a new key that signs from now on and retire those before it")
    rotate.add_argument("issuer", help="the DID of the issuer")
    add = tasks.add_parser("add", help="add a key that a signing service keeps (its public half as a multikey, z6Mk…)")
    add.add_argument("issuer", help="the DID of the issuer")
    add.add_argument("multikey", help="the public key")
    retire = tasks.add_parser("retire", help="let a key sign no more; what it signed stays valid")
    retire.add_argument("key", help="the verification method, DID#name")
    revoke = tasks.add_parser("revoke", help="say that somebody else may have a key: nothing it signed counts any more")
    revoke.add_argument("key", help="the verification method, DID#name")
    revoke.add_argument("--reason", required=True, help="why it is not safe; it goes into the ledger")
    reseal = tasks.add_parser(
        "reseal",
        help="seal all private keys under a new sealing key",
        description="RONGHE_CREDENTIALS_KEK (or its file) holds the old key, RONGHE_CREDENTIALS_KEK_NEW the new one. "
        "Put the new one in the old one's place afterwards.",
    )
    reseal.add_argument("--new", metavar="BASE64", help="the new key; better given by the environment")


def run(options: argparse.Namespace) -> int:
    """Do what the call asks for; return the exit status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ronghe.web.settings")
    import django

    django.setup()
    from django.core.exceptions import ValidationError

    from ronghe.apps.credentials.signing import KeyUnavailable
    from ronghe.trust.multibase import MultibaseError

    if site.is_missing("ronghe credentials"):
        return 2
    tasks = {"list": _list, "rotate": _rotate, "add": _add, "retire": _retire, "revoke": _revoke, "reseal": _reseal}
    try:
        return tasks[options.task](options)
    except ValidationError as error:
        print(f"ronghe credentials: {' '.join(error.messages)}", file=sys.stderr)
    except (KeyUnavailable, MultibaseError, LookupError) as error:
        print(f"ronghe credentials: {error}", file=sys.stderr)
    return 1


def _list(options: argparse.Namespace) -> int:
    from django.utils import timezone

    from ronghe.apps.credentials.models import Issuer
    from ronghe.trust.multibase import encode_multikey

    now = timezone.now()
    for issuer in Issuer.objects.select_related("organisation").prefetch_related("keys"):
        print(f"{issuer.did}  {issuer.organisation.name_zh}")
        for key in issuer.keys.all():
            state = "revoked" if key.revoked_at else "signs" if key.may_sign_at(now) else "retired"
            where = "sealed here" if key.sealed is not None else "kept elsewhere" if not key.revoked_at else "destroyed"
            until = f" until {key.valid_until:%Y-%m-%d %H:%M}" if key.valid_until else ""
            print(
                f"  {key.name}  {state}, {where}  from {key.valid_from:%Y-%m-%d %H:%M}{until}  "
                f"{encode_multikey(bytes(key.public_key))}"
            )
    return 0


def _rotate(options: argparse.Namespace) -> int:
    from ronghe.apps.credentials import services

    key = services.rotate_key(actor=None, issuer=_issuer(options.issuer))
    print(f"{key.verification_method} signs from now on")
    return 0


def _add(options: argparse.Namespace) -> int:
    from ronghe.apps.credentials import services
    from ronghe.trust.multibase import decode_multikey

    key = services.add_key(actor=None, issuer=_issuer(options.issuer), public_key=decode_multikey(options.multikey))
    print(f"{key.verification_method} signs from now on, by the service of RONGHE_CREDENTIALS_SIGNER")
    return 0


def _retire(options: argparse.Namespace) -> int:
    from ronghe.apps.credentials import services

    key = services.retire_key(actor=None, key=_key(options.key))
    print(f"{key.verification_method} signs no more")
    return 0


def _revoke(options: argparse.Namespace) -> int:
    from ronghe.apps.credentials import selectors, services

    key = services.revoke_key(actor=None, key=_key(options.key), reason=options.reason)
    count = selectors.certificates_of_key(key).count()
    print(f"{key.verification_method} is revoked; certificates to renew: {count}")
    return 0


def _reseal(options: argparse.Namespace) -> int:
    from ronghe.apps.credentials import services, signing

    given = options.new or os.environ.get("RONGHE_CREDENTIALS_KEK_NEW", "")
    if not given:
        print("ronghe credentials: give the new key in RONGHE_CREDENTIALS_KEK_NEW", file=sys.stderr)
        return 1
    count = services.seal_anew(
        actor=None, old=signing.sealing_key(), new=signing.decode_key(given, "RONGHE_CREDENTIALS_KEK_NEW")
    )
    print(f"{count} private keys are sealed under the new key; put it in the place of the old one now")
    return 0


def _issuer(did: str) -> "Issuer":
    from ronghe.apps.credentials.models import Issuer

    found = Issuer.objects.filter(did=did).first()
    if found is None:
        raise LookupError(f"no issuer has the DID {did}; `ronghe credentials keys list` shows them")
    return found


def _key(method: str) -> "IssuerKey":
    from ronghe.apps.credentials.models import IssuerKey

    did, _sign, name = method.partition("#")
    found = IssuerKey.objects.filter(issuer__did=did, name=name).select_related("issuer").first()
    if found is None:
        raise LookupError(f"there is no key {method}; `ronghe credentials keys list` shows them")
    return found
