"""Other people's verifiers, installed once a version into a folder of their own, and run over files."""

import hashlib
import json
import shutil
import subprocess
import sys
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ronghe.trust.contexts import DID_V1, MULTIKEY, PINNED, context_document
from ronghe.trust.did import did_key, key_method
from ronghe.trust.multibase import encode_base58btc, encode_multikey

HERE = Path(__file__).parent
HOME = HERE.parents[1] / "var" / "interop"
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"


class NotInstalled(Exception):
    """The verifiers cannot be had here; the message says why."""


def _folder(kind: str, *files: str) -> Path:
    digest = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in files)).hexdigest()[:16]
    return HOME / f"{kind}-{digest}"


def _run(command: list[str], cwd: Path | None = None) -> None:
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=400, check=False)
    except subprocess.TimeoutExpired:
        raise NotInstalled(f"{command[0]} took too long") from None
    if done.returncode:
        raise NotInstalled(f"{command[0]} failed: {done.stderr[-300:]}")


def _install(folder: Path, fill: Any) -> None:
    """Fill `folder` once; half an installation is never taken for a whole one."""
    if folder.exists():
        return
    HOME.mkdir(parents=True, exist_ok=True)
    begun = folder.with_name(f"{folder.name}.begun")
    shutil.rmtree(begun, ignore_errors=True)
    begun.mkdir()
    fill(begun)
    begun.rename(folder)


def node() -> Path:
    """Return the folder with the JavaScript verifiers; raises `NotInstalled`."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise NotInstalled("no node and npm on this machine")

    def fill(folder: Path) -> None:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        _run([npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"], folder)

    folder = _folder("node", "package.json", "package-lock.json")
    _install(folder, fill)
    return folder


def python() -> Path:
    """Return the folder with the Python verifiers; raises `NotInstalled`."""

    def fill(folder: Path) -> None:
        venv.create(folder, with_pip=False)
        command = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install", "--quiet"]
        _run([*command, "--disable-pip-version-check", "-r", str(HERE / "requirements.txt")])

    folder = _folder("python", "requirements.txt")
    _install(folder, fill)
    return folder


def install() -> tuple[Path, Path]:
    """Install both at the same time."""
    with ThreadPoolExecutor(2) as pool:
        javascript, interpreted = pool.submit(node), pool.submit(python)
        return javascript.result(), interpreted.result()


def documents(public_key: bytes) -> dict[str, Any]:
    """Return what a verifier would fetch: the contexts and the documents of a did:key."""
    found: dict[str, Any] = {url: context_document(url) for url in (*PINNED, EXAMPLES)}
    did, method = did_key(public_key), key_method(public_key)
    found[method] = {
        "@context": MULTIKEY,
        "id": method,
        "type": "Multikey",
        "controller": did,
        "publicKeyMultibase": encode_multikey(public_key),
    }
    found[did] = {
        "@context": [DID_V1, MULTIKEY],
        "id": did,
        "verificationMethod": [found[method]],
        "assertionMethod": [method],
        "authentication": [method],
    }
    return found


def secret_multikey(seed: bytes) -> str:
    """Return an Ed25519 private key as a multikey."""
    return encode_base58btc(b"\x80\x26" + seed)


def ask_node(folder: Path, scratch: Path, given: dict[str, Any], tasks: list[dict[str, Any]]) -> list[Any]:
    """Return the JavaScript verifiers' answers."""
    # Modules are found from where the program lies.
    shutil.copy(HERE / "peers.mjs", folder)
    return _ask(["node", str(folder / "peers.mjs")], scratch, given, tasks)


def ask_python(folder: Path, scratch: Path, given: dict[str, Any], tasks: list[dict[str, Any]]) -> list[Any]:
    """Return the Python verifiers' answers."""
    return _ask([str(folder / "bin" / "python"), "-I", str(HERE / "peers.py")], scratch, given, tasks)


def _ask(command: list[str], scratch: Path, given: dict[str, Any], tasks: list[dict[str, Any]]) -> list[Any]:
    asked, answered = scratch / "asked.json", scratch / "answered.json"
    asked.write_text(json.dumps({"documents": given, "tasks": tasks}), encoding="utf-8")
    subprocess.run([*command, str(asked), str(answered)], check=True, timeout=300, capture_output=True)
    answers: list[Any] = json.loads(answered.read_text(encoding="utf-8"))
    return answers
