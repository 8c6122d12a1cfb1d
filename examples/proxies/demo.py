"""`make demo PROXY=…`: the demo behind a real proxy, with the files of this folder.

Run as `python -m examples.proxies.demo PROXY --data DIRECTORY`. In front is the proxy; behind it a
log-in (`sign_in.py`), the tokenizer, and the demo. With `oathkeeper`, a real one decides and signs,
behind Caddy; with `apache`, a real identity provider signs. Ctrl-C stops all of it.
"""

import argparse
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from examples.proxies.fronts import BEFORE, PORTS
from examples.proxies.programs import answer, running
from examples.proxies.signers import Signer, deciding, identifying
from lunasec.cli.demo import busy

BIN: Final = Path(sys.prefix) / "bin"
OPTIONS: Final = {
    "app": "--port",
    "secure": "--tokenizer-port",
    "operator": "--operator-port",
    "log-in": "--log-in-port",
}
APPLICATION: Final = """
[applications.demo]
origins = ["{origin}"]
keys = "demo.jwks.json"
ownership = "required"
"""
STORY: Final = """
  The application  {origin}  (behind {proxy})
  Log in at        {origin}/proxy/log-in

  What to try
{log_in}
    2. Log in as bob in a private window: /admin shows ada's token, which opens for ada alone.
    3. Log out with ada's profile open in another tab: it goes blank.

  All files are in {data}. Ctrl-C stops everything.
"""


def main() -> int:
    """Start everything, tell where it is, and stop it when somebody asks, or a part ends."""
    asked = _arguments()
    if (refusal := _missing(asked.proxy) or _busy(asked)) is not None:
        sys.stderr.write(f"lunasec: {refusal}\n")
        return 2
    data: Path = asked.data.absolute()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    stopped = threading.Event()

    def stop(_number: int, _frame: object) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    ports = _ports(asked)
    origin, secure = (
        f"http://{name}.lunasec.localhost:{ports[name]}" for name in ("app", "secure")
    )
    by_apache = asked.proxy == "apache"
    signer = identifying(ports, data) if by_apache else deciding(ports, origin)
    _configure(data, ports, signer, origin=origin, secure=secure)
    with ExitStack() as stack:
        commands = _commands(asked.proxy, data, ports, signer, origin=origin, secure=secure)
        started = [
            stack.enter_context(running(data, name, command)) for name, command in commands.items()
        ]
        if not answer(ports.values(), started, stopped):
            ended = [name for name, each in zip(commands, started, strict=True) if each.poll()]
            named = ", ".join(f"{data / name}.log" for name in ended or commands)
            sys.stderr.write(f"lunasec: the demo did not start; why, says {named}.\n")
            return 0 if stopped.is_set() else 2
        sys.stdout.write(
            STORY.format(origin=origin, proxy=asked.proxy, log_in=signer.log_in, data=data)
        )
        sys.stdout.flush()
        while not stopped.wait(0.2) and all(each.poll() is None for each in started):
            pass
    sys.stdout.write("\nAll are stopped.\n")
    return 0 if stopped.is_set() else 2


def _missing(proxy: str) -> str | None:
    if proxy == "oathkeeper" and shutil.which("oathkeeper") is None:
        return (
            "there is no `oathkeeper` on the PATH; its releases are at"
            " https://github.com/ory/oathkeeper/releases, and the other proxies need nothing."
        )
    return None


def _busy(asked: argparse.Namespace) -> str | None:
    given = _given(asked)
    found = busy({OPTIONS[name]: port for name, port in given.items()})
    if found is None:
        return None
    other = f"`make demo PROXY={asked.proxy} {found.variable}={found.free}`"
    return f"port {found.port} is in use. Choose another: {other}."


def _given(asked: argparse.Namespace) -> dict[str, int]:
    """Give the ports that a person sees, or that stay the same from one start to the next."""
    given = {"app": asked.port, "secure": asked.tokenizer_port, "operator": asked.operator_port}
    # In the issuer's name, and so in the name of whoever owns a value.
    return given | ({"log-in": asked.log_in_port} if asked.proxy == "apache" else {})


def _ports(asked: argparse.Namespace) -> dict[str, int]:
    """Take the given ports, and any free ones for the rest."""
    given = _given(asked)
    inside = [name for name in PORTS if name not in given]
    with ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in inside]
        for each in held:
            each.bind(("127.0.0.1", 0))
        free = {name: each.getsockname()[1] for name, each in zip(inside, held, strict=True)}
    ports = free | given
    if asked.proxy != "oathkeeper":
        ports["oathkeeper"] = ports["log-in"]  # Who logs users in decides as well.
    if asked.proxy != "apache":
        ports["line"] = ports["tokenizer"]  # Without a certificate there is no line of its own.
    return ports


def _configure(
    data: Path, ports: Mapping[str, int], signer: Signer, *, origin: str, secure: str
) -> None:
    config = data / "lunasec.toml"
    config.write_text(
        f'[tokenizer]\norigin = "{secure}"\nlisten = "127.0.0.1:{ports["tokenizer"]}"\n'
        f'operator_listen = "127.0.0.1:{ports["operator"]}"\ndata = "tokenizer"\n'
    )
    if not (data / "demo.key").exists():
        command: list[str | Path] = [
            BIN / "lunasec",
            "app",
            "add",
            "demo",
            "--origin",
            origin,
            "--config",
            config,
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own
    text = config.read_text().partition("\n[applications")[0]
    config.write_text(text + APPLICATION.format(origin=origin) + signer.provider)


def _commands(
    proxy: str, data: Path, ports: Mapping[str, int], signer: Signer, *, origin: str, secure: str
) -> Mapping[str, Sequence[str | Path]]:
    """Say what is to run, by its name: its folder in `data`, and its log."""
    internal = f"http://127.0.0.1:{ports['tokenizer']}"
    module = [sys.executable, "-m", "examples.proxies.application"]
    application = [str(data), str(ports["application"]), origin, secure, internal]
    told = [signer.preset, signer.issuer, signer.audience, signer.jwks]
    for name in BEFORE[proxy]:
        (data / name).mkdir(exist_ok=True)
    if proxy == "oathkeeper" and not (data / "oathkeeper/signing.jwks.json").exists():
        made = ["oathkeeper", "credentials", "generate", "--alg", "RS256"]
        keys = subprocess.check_output(made)  # noqa: S603 - where the PATH has it
        (data / "oathkeeper/signing.jwks.json").write_bytes(keys)
    return {
        "log-in": signer.command,
        "tokenizer": [BIN / "lunasec", "serve", "--config", data / "lunasec.toml"],
        "application": [*module, *application, *told],
        **{name: each.command(data / name, ports) for name, each in BEFORE[proxy].items()},
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo PROXY=…", description=__doc__)
    parser.add_argument("proxy", choices=BEFORE)
    parser.add_argument("--data", type=Path, default=Path("lunasec-demo/proxied"))
    for name, option in OPTIONS.items():
        parser.add_argument(option, type=int, default=PORTS.get(name, 9001))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
