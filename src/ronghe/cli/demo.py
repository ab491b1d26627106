"""`ronghe demo`: builds the demonstration community once, serves it, and prints the address and the sign-ins."""

import argparse
import os
import sys
import time
from pathlib import Path

from ronghe.cli import serve


def add_to(parser: argparse.ArgumentParser) -> None:
    """Options of `ronghe demo`: those of `ronghe serve`."""
    serve.add_to(parser)


def run(options: argparse.Namespace) -> int:
    """Build where nothing stands, then serve. A community that is not the demonstration is left alone."""
    # The console of a demonstration is for the person who started it, not for a line a request.
    os.environ.setdefault("RONGHE_LOG_LEVEL", "ERROR")
    from ronghe.web.serving import Address, CannotServe

    address = Address(options.host, options.port)
    # Links in mails and the issuers' addresses lead to where this demonstration listens.
    os.environ.setdefault("RONGHE_PUBLIC_URL", address.url)
    try:
        address.check_free()
    except CannotServe as reason:
        print(f"ronghe: {reason}", file=sys.stderr)
        return 1
    started = time.monotonic()
    serve.prepare()
    from django.conf import settings
    from django.utils.translation import override

    from ronghe.apps.community.models import RoleKind
    from ronghe.apps.credentials import suites
    from ronghe.apps.demo import services
    from ronghe.apps.demo.cast import CHARACTERS, EMAIL_DOMAIN, FIRMS, PASSWORD
    from ronghe.apps.ledger.publishing import verifier
    from ronghe.cli import demo_witnesses

    if not services.is_built():
        print("Building the demonstration community; all of its data is generated.", flush=True)
        services.build(say=lambda step: print(f"  {time.monotonic() - started:5.1f} s  {step}", flush=True))

    witnesses = demo_witnesses.prepare(Path(settings.RONGHE_DATA_DIR) / "witnesses", verifier().encode())
    # The site's programs read it when they start.
    os.environ.setdefault("RONGHE_WITNESSES", witnesses.setting)

    def announce(url: str) -> None:
        print(f"\n  融合 Ronghe serves at {url}\n\n  Sign in with any of these; the password is {PASSWORD}\n")
        names = {firm.key: (firm.name_zh, firm.name_en) for firm in FIRMS}
        for character in CHARACTERS:
            said = {}
            for language in ("en", "zh-hans"):
                with override(language):
                    said[language] = str(RoleKind(character.role).label)
            where = names[character.organisation][0 if character.language.startswith("zh") else 1]
            email = f"{character.local_part}@{EMAIL_DOMAIN}"
            print(f"    {email:<32} {said['en']:<19} {said['zh-hans']} · {character.name} · {where}")
        if suites.is_open():
            print(f"\n  Open to conformance suites, as {url}/credentials/implementation.json describes it.")
        print("\n  Ctrl-C stops it.\n", flush=True)

    return serve.serve(options, announce, witnesses.programs)
