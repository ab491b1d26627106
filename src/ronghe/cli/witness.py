"""`ronghe witness`: what a university or a chamber runs to see that another's log only grows. Loads no Django.

A witness has a folder: `witness.toml` (its name, where it listens, the logs it looks after), its encrypted key, and
what it last cosigned. It signs growth and nothing else.
"""

import argparse
import getpass
import json
import logging
import os
import signal
import sys
import threading
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from ronghe.cli.console import Console
from ronghe.cli.endings import CallRefused, ended
from ronghe.runners.files import create_file, only_one
from ronghe.runners.witness_service import StateUnreadable, WitnessServer, WitnessState
from ronghe.trust.checkpoint import NoteError, SignatureType, SignerKey, VerifierKey
from ronghe.trust.witness import Witness

CONFIG = "witness.toml"
KEY = "witness.pem"
PASSPHRASE = "RONGHE_WITNESS_PASSPHRASE"  # noqa: S105
_TEMPLATE = """# A witness of logs 日志见证. Add each log's public key in quotes; then: ronghe witness serve FOLDER
name = {name}
listen = "127.0.0.1:8401"
logs = [
{logs}]
"""


def add_to(parser: argparse.ArgumentParser) -> None:
    """Options of `ronghe witness`."""
    commands = parser.add_subparsers(dest="task", required=True, metavar="init|serve|key|status")
    init = commands.add_parser("init", help="make the folder of a new witness with its key")
    init.add_argument("folder", help="a folder that does not have a witness yet")
    init.add_argument("--name", required=True, help="the witness's name, such as witness.example.edu/ronghe")
    init.add_argument("--log", action="append", default=[], metavar="KEY", help="a log's public key (name+id+key)")
    for task, line in (
        ("serve", "answer the logs until stopped"),
        ("key", "print the public key that its cosignatures are verified with"),
        ("status", "print what it last cosigned for each log, and the conflicts it found"),
    ):
        commands.add_parser(task, help=line).add_argument("folder", help="the witness's folder")
    parser.epilog = (
        f"{PASSPHRASE} holds the passphrase of the key; without it init and serve ask for it. "
        "RONGHE_WITNESS_LISTEN=host:port goes before the setting in the file."
    )


def run(options: argparse.Namespace) -> int:
    """Do what the call asks for; return the exit status (1: status found conflicts)."""
    return ended(lambda console: _TASKS[options.task](options, console))


@dataclass(frozen=True, slots=True)
class _Config:
    folder: Path
    name: str
    host: str
    port: int
    logs: tuple[VerifierKey, ...]


def _read_config(folder: Path, environment: Mapping[str, str]) -> _Config:
    path = folder / CONFIG
    try:
        stated = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CallRefused(f"{folder} has no {CONFIG}; make one: ronghe witness init {folder} --name NAME") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CallRefused(f"{path}: {error}") from error
    if unknown := set(stated) - {"name", "listen", "logs"}:
        raise CallRefused(f"{path}: {', '.join(sorted(unknown))} means nothing here; there are name, listen and logs")
    listen = environment.get("RONGHE_WITNESS_LISTEN") or stated.get("listen", "127.0.0.1:8401")
    host, colon, port = str(listen).rpartition(":")
    if not colon or not port.isdecimal() or not 0 <= int(port) < 1 << 16:
        raise CallRefused(f"{path}: listen = {listen!r} is no address; write it as 127.0.0.1:8401")
    texts = stated.get("logs", [])
    if not isinstance(stated.get("name"), str) or not isinstance(texts, list):
        raise CallRefused(f"{path}: name is a text and logs a list of public keys")
    try:
        logs = tuple(VerifierKey.parse(str(text)) for text in texts)
    except NoteError as error:
        raise CallRefused(f"{path}: logs: {error}") from error
    return _Config(folder, stated["name"], host.strip("[]"), int(port), logs)


def _passphrase(*, new: bool = False) -> bytes:
    given = os.environ.get(PASSPHRASE)
    if given is None and sys.stdin.isatty():
        given = getpass.getpass("Passphrase of the witness's key 密钥口令: ")
        if new and given != getpass.getpass("Once more 再次输入: "):
            raise CallRefused("the two passphrases differ; nothing was written")
    if not given:
        raise CallRefused(f"the witness's key is kept encrypted: give its passphrase in {PASSPHRASE}")
    return given.encode()


def _read_key(config: _Config) -> SignerKey:
    path = config.folder / KEY
    try:
        key = load_pem_private_key(path.read_bytes(), _passphrase())
    except (ValueError, TypeError) as error:
        raise CallRefused(f"{path} cannot be opened: {error}; check {PASSPHRASE}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise CallRefused(f"{path} is no Ed25519 key")
    return SignerKey(config.name, key)


def _public_line(signer: SignerKey) -> str:
    return signer.verifier().encode(SignatureType.COSIGNATURE_V1)


def _init(options: argparse.Namespace, console: Console) -> None:
    folder = Path(options.folder)
    private = Ed25519PrivateKey.generate()
    try:
        line = _public_line(SignerKey(options.name, private))
        logs = [VerifierKey.parse(text).encode() for text in options.log]
    except NoteError as error:
        raise CallRefused(str(error)) from error
    if (folder / CONFIG).exists() or (folder / KEY).exists():
        raise CallRefused(f"{folder} has a witness already; its key is not overwritten")
    secret = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(_passphrase(new=True)))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = _TEMPLATE.format(name=json.dumps(options.name), logs="".join(f"  {json.dumps(log)},\n" for log in logs))
    create_file(folder / KEY, secret)
    create_file(folder / CONFIG, text.encode(), mode=0o640)
    console.note(f"made {folder}; give the log's operator this public key and the witness's address:")
    print(line)


def _serve(options: argparse.Namespace, console: Console) -> None:
    config = _read_config(Path(options.folder), os.environ)
    if not config.logs:
        raise CallRefused(f"{config.folder / CONFIG} names no log; add the public key that `ronghe ledger key` prints")
    witness = Witness(_read_key(config), config.logs)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        with only_one(config.folder / ".lock"):
            server = WitnessServer((config.host, config.port), witness, WitnessState(config.folder))
            host, port = server.server_address[:2]
            console.note(f"{config.name} witnesses {len(config.logs)} logs at http://{host!s}:{port}")
            _serve_until_told(server)
    except BlockingIOError:
        raise CallRefused(f"another process serves {config.folder}; two could sign two histories") from None
    except StateUnreadable as error:
        raise CallRefused(f"nothing is signed: {error}") from error


def _serve_until_told(server: WitnessServer) -> None:
    def stop(_number: int, _frame: object) -> None:
        # serve_forever waits for shutdown's flag, so another thread must raise it.
        threading.Thread(target=server.shutdown).start()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        server.serve_forever()
    finally:
        server.server_close()
        for number, handler in before.items():
            signal.signal(number, handler)


def _key(options: argparse.Namespace, console: Console) -> None:
    print(_public_line(_read_key(_read_config(Path(options.folder), os.environ))))


def _status(options: argparse.Namespace, console: Console) -> None:
    config = _read_config(Path(options.folder), os.environ)
    state = WitnessState(config.folder)
    for origin in sorted({key.name for key in config.logs}):
        held = state.held(origin)
        print(f"{origin}: {'nothing cosigned yet 尚未签署' if held is None else held.split(chr(10))[1]}")
    for path in state.conflicts():
        first = path.read_text(encoding="utf-8").split("\n")[0]
        console.complain(str(path), 1, f"{first}: the log contradicted itself 日志自相矛盾")


_TASKS: dict[str, Any] = {"init": _init, "serve": _serve, "key": _key, "status": _status}
