"""Verifying over HTTP: keep-alive connections to two gunicorn workers ask for codes and send files of certificates.

The demonstration's certificates in turn; every call comes from an address of its own, so that no rate limit is met and
none is known already. Whoever asks shares the processors with the server.
"""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from http.client import HTTPConnection
from itertools import count
from pathlib import Path

from benchmarks.result import Result
from benchmarks.visitors import milliseconds, milliseconds_at, request_of
from ronghe.web.serving import Address, programs

CONNECTIONS = (1, 4, 16)
RATE = 30.0
SECONDS = 10.0
SECONDS_TO_WARM = 3.0
SECONDS_TO_START = 120.0
GOAL_MS = 100.0
COMMAND = "python -m benchmarks trust"
BOUNDARY = "ronghe-benchmark"
TOKEN = "a" * 32
MOST_CERTIFICATES = 40
PREPARE = """
import sys
from benchmarks.trust.verify_http import build
build(sys.argv[1])
"""


def build(folder: str) -> None:
    """Build the demonstration; write codes and bundles of certificates into `folder`."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)

    from ronghe.apps.credentials.models import Certificate
    from ronghe.apps.credentials.services.bundles import make_bundle
    from ronghe.apps.demo import services as demo
    from ronghe.apps.ledger import services as ledger

    demo.build()
    ledger.seal()
    certificates = Certificate.objects.filter(state="valid", version__isnull=False, event__leaf__isnull=False)
    for number, certificate in enumerate(certificates.order_by("pk")[:MOST_CERTIFICATES]):
        Path(folder, f"{number}.code").write_text(certificate.code)
        Path(folder, f"{number}.bundle").write_bytes(make_bundle(certificate))


def _file_of(bundle: bytes) -> bytes:
    return (
        (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{TOKEN}\r\n'
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="c.json"\r\n'
            "Content-Type: application/json\r\n\r\n"
        ).encode()
        + bundle
        + f"\r\n--{BOUNDARY}--\r\n".encode()
    )


def requests_of(folder: str) -> dict[str, Callable[[], bytes]]:
    """Return what makes the next request by code, and by file: each for another certificate, from another address."""
    codes = [path.read_text() for path in sorted(Path(folder).glob("*.code"))]
    files = [_file_of(path.read_bytes()) for path in sorted(Path(folder).glob("*.bundle"))]
    calls = count()

    def asker(number: int) -> str:
        return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"

    def by_code() -> bytes:
        number = next(calls)
        return request_of("GET", f"/verify/{codes[number % len(codes)]}", X_Forwarded_For=asker(number))

    def by_file() -> bytes:
        number = next(calls)
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        cookie = f"csrftoken={TOKEN}"
        body = files[number % len(files)]
        return request_of("POST", "/verify/", body, X_Forwarded_For=asker(number), Content_Type=kind, Cookie=cookie)

    return {"by code": by_code, "by file": by_file}


def run() -> list[Result]:
    """Measure verifying by code and by file."""
    with tempfile.TemporaryDirectory(prefix="ronghe-verify-") as folder:
        environment = {
            **os.environ,
            "RONGHE_DATA_DIR": folder,
            "RONGHE_LOG_LEVEL": "ERROR",
            "RONGHE_PROXIES": "1",
            "DJANGO_SETTINGS_MODULE": "ronghe.web.settings",
        }
        environment.pop("DATABASE_URL", None)
        subprocess.run([sys.executable, "-c", PREPARE, folder], env=environment, check=True, stdout=subprocess.DEVNULL)
        return measure(folder, environment)


def measure(folder: str, environment: dict[str, str]) -> list[Result]:
    """Serve the site in `folder` and ask it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(programs(Address(port=port), workers=2)["web"], env=environment)
    try:
        _wait(port)
        asked = requests_of(folder)
        for requests in asked.values():
            milliseconds(port, requests, connections=max(CONNECTIONS), seconds=SECONDS_TO_WARM)
        found = []
        for name, requests in asked.items():
            for connections in CONNECTIONS:
                taken = milliseconds(port, requests, connections=connections, seconds=SECONDS)
                found.append(_result(name, f"{connections} connections", taken, connections == max(CONNECTIONS)))
            taken = milliseconds_at(port, requests, rate=RATE, connections=max(CONNECTIONS), seconds=SECONDS)
            found.append(_result(name, f"{RATE:.0f} calls a second", taken, judged=False))
        return found
    finally:
        server.terminate()
        server.wait(30)


def _result(name: str, load: str, taken: list[float], judged: bool) -> Result:
    p95 = statistics.quantiles(taken, n=20)[18]
    return Result(
        name=f"verifying over HTTP {name}, p95 at {load}, {len(taken) / SECONDS:.0f} answers/s",
        value=p95,
        unit="ms",
        goal=f"< {GOAL_MS:.0f} ms" if judged else None,
        met=p95 < GOAL_MS if judged else None,
        command=COMMAND,
    )


def _wait(port: int) -> None:
    answer = ""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", "/verify/")
            if connection.getresponse().status == 200:
                return
        except OSError as error:
            answer = str(error)
        else:
            answer = "it is not ready"
        time.sleep(0.2)
    raise RuntimeError(f"the site did not answer: {answer}")


if __name__ == "__main__":
    for result in run():
        print(result)
