"""A witness that really serves, in a thread of this process or in one of its own."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from ronghe.runners.witness_service import WitnessServer, WitnessState
from ronghe.trust.checkpoint import SignerKey, VerifierKey
from ronghe.trust.witness import Witness


@contextlib.contextmanager
def serving(folder: Path, signer: SignerKey, *logs: VerifierKey) -> Iterator[str]:
    """Serve a witness on loopback and yield its address."""
    server = WitnessServer(("127.0.0.1", 0), Witness(signer, logs), WitnessState(folder))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
