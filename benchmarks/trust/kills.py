"""Two hundred kills at random writes: of the log's writers and sealers beside a witness, and of the witness itself.

After each the log must be whole, the witness must hold at least what it signed, and neither may contradict the other.
"""

import os
import random
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.result import Result
from ronghe.runners.witness_service import WitnessServer, WitnessState
from ronghe.trust.checkpoint import SignatureType, SignerKey
from ronghe.trust.witness import Witness
from tests.apps.ledger.plugin import KEY
from tests.apps.ledger.processes import run as run_apart
from tests.need import PROJECT
from tests.runners import witness_kills
from tests.trust.logs import WITNESSES

COMMAND = "python -m benchmarks trust"
KILLS = 200
SEED = 20_261_123


def run() -> list[Result]:
    """Kill, and look what stands."""
    with tempfile.TemporaryDirectory() as name:
        kills = _kill_the_log(Path(name))
    with tempfile.TemporaryDirectory() as name:
        dice = random.Random(SEED)
        witness_killed = witness_kills.run(Path(name), [dice.randint(1, 60) for _ in range(KILLS)])
    return [
        _result("writers and sealers killed at random writes, the log recovered each time", kills),
        _result("witness killed at random writes, its state at least what it signed each time", witness_killed),
    ]


def _result(name: str, killed: int) -> Result:
    return Result(
        name=name, value=float(killed), unit="kills", goal=f">= {KILLS}", met=killed >= KILLS, command=COMMAND
    )


def _kill_the_log(folder: Path) -> int:
    log = SignerKey("ronghe.localhost/ledger", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
    signer = WITNESSES[0]
    server = WitnessServer(("127.0.0.1", 0), Witness(signer, (log.verifier(),)), WitnessState(folder / "witness"))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "ronghe.web.settings",
        "RONGHE_DATA_DIR": str(folder),
        "RONGHE_CHECKPOINT_DIR": str(folder / "checkpoints"),
        "RONGHE_LEDGER_KEY": KEY,
        "RONGHE_LEDGER_ORIGIN": log.name,
        "RONGHE_LOG_LEVEL": "CRITICAL",
        "RONGHE_WITNESSES": f"{signer.verifier().encode(SignatureType.COSIGNATURE_V1)} {address}",
        "RONGHE_WITNESS_THRESHOLD": "1",
        "DATABASE_URL": f"sqlite:///{folder / 'ronghe.sqlite3'}",
    }
    migrate = [sys.executable, "-m", "django", "migrate", "ledger", "--verbosity=0", "--skip-checks"]
    subprocess.run(migrate, cwd=PROJECT, env=environment, check=True)
    try:
        found = run_apart("crash", environment, kills=KILLS, seed=SEED)
    finally:
        server.shutdown()
        server.server_close()
    if found["after kills"] or found["findings"] or found["lost"] or found["twice"]:
        raise AssertionError(f"the log is not whole: {found}")
    if found["root"] != found["independent root"] or found["witnesses"] not in ([], ["signed"]):
        raise AssertionError(f"the log or its witness disagree: {found}")
    if list((folder / "checkpoints" / "conflicts").glob("*")) or server.conflicts():
        raise AssertionError("a kill made the log contradict itself")
    print(f"{found['leaves']} leaves, {found['checkpoints']} checkpoints, {found['cosignatures']} cosignatures")
    return int(found["killed"])


if __name__ == "__main__":
    for result in run():
        print(result)
