"""Verifying over HTTP: 16 keep-alive connections on two gunicorn workers ask for codes and send files.

The demonstration's certificates; every call comes from an address of its own, so that no rate limit is met.
"""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.result import Result
from ronghe.web.serving import Address, programs

CONNECTIONS = 16
SECONDS = 10.0
SECONDS_TO_WARM = 3.0
SECONDS_TO_START = 120.0
GOAL_MS = 100.0
COMMAND = "python -m benchmarks trust"
BOUNDARY = "ronghe-benchmark"
PREPARE = """
import sys
from benchmarks.trust.verify_http import build
build(sys.argv[1])
"""


def build(folder: str) -> None:
    """Build the demonstration; write one certificate's code and bundle into `folder`."""
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
    certificate = Certificate.objects.filter(state="valid", version__isnull=False).order_by("pk")[0]
    Path(folder, "code").write_text(certificate.code)
    Path(folder, "bundle").write_bytes(make_bundle(certificate))


def _file_of(bundle: bytes, token: str) -> bytes:
    return (
        (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="c.json"\r\n'
            "Content-Type: application/json\r\n\r\n"
        ).encode()
        + bundle
        + f"\r\n--{BOUNDARY}--\r\n".encode()
    )


def _milliseconds(port: int, path: str, body: bytes | None, token: str, seconds: float) -> list[float]:
    """Ask from all connections for a while; return the time of each answer."""
    taken: list[float] = []
    wrong: list[str] = []
    stop = time.monotonic() + seconds

    def ask(number: int) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        calls = 0
        while time.monotonic() < stop and not wrong:
            calls += 1
            headers = {"X-Forwarded-For": f"10.{number}.{calls >> 8 & 255}.{calls & 255}"}
            if body is not None:
                headers |= {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Cookie": f"csrftoken={token}"}
            started = time.perf_counter()
            connection.request("GET" if body is None else "POST", path, body=body, headers=headers)
            answer = connection.getresponse()
            text = answer.read()
            taken.append((time.perf_counter() - started) * 1000)
            if answer.status != 200 or b"note__title" not in text:
                wrong.append(f"{path} answered {answer.status}")
        connection.close()

    threads = [threading.Thread(target=ask, args=[number]) for number in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise RuntimeError(wrong[0])
    return taken


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
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = subprocess.Popen(programs(Address(port=port), workers=2)["web"], env=environment)
        try:
            _wait(port)
            token = "a" * 32
            by_code = f"/verify/{Path(folder, 'code').read_text()}"
            body = _file_of(Path(folder, "bundle").read_bytes(), token)
            asked = {"by code": (by_code, None), "by file": ("/verify/", body)}
            for path, sent in asked.values():
                _milliseconds(port, path, sent, token, SECONDS_TO_WARM)
            return [
                _result(name, _milliseconds(port, path, sent, token, SECONDS)) for name, (path, sent) in asked.items()
            ]
        finally:
            server.terminate()
            server.wait(30)


def _result(name: str, taken: list[float]) -> Result:
    p95 = statistics.quantiles(taken, n=20)[18]
    return Result(
        name=f"verifying over HTTP {name}, p95 at {CONNECTIONS} connections, {len(taken) / SECONDS:.0f} answers/s",
        value=p95,
        unit="ms",
        goal=f"< {GOAL_MS:.0f} ms",
        met=p95 < GOAL_MS,
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
