"""`lunasec demo`: what is to run where, and the files for it."""

import fcntl
import os
import secrets
import socket
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lunasec.cli import applications, text_file
from lunasec.cli.certificates import Certificate, ensure
from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer import private_file
from lunasec.tokenizer.wiring import system_clock

APPLICATION: Final = "demo"
LOOPBACK: Final = "127.0.0.1"

_SITES: Final = ("lunasec.localhost", "localhost")
_NAMES: Final = [*(f"{name}.{site}" for site in _SITES for name in ("app", "secure")), LOOPBACK]
_LAST_PORT: Final = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to run where."""

    data: Path
    port: int
    tokenizer_port: int
    operator_port: int
    https: bool
    cross_site: bool

    @property
    def origin(self) -> str:
        """Where browsers find the application."""
        return self._origin("app", self.port)

    @property
    def tokenizer_origin(self) -> str:
        """Where browsers find the tokenizer: another origin of one site, or of another site."""
        return self._origin("secure", self.tokenizer_port)

    @property
    def internal(self) -> str:
        """Where the application's back end finds it: Python does not resolve `*.localhost`."""
        return f"{self._scheme}://{LOOPBACK}:{self.tokenizer_port}"

    @property
    def config(self) -> Path:
        """The tokenizer's configuration."""
        return self.data / "lunasec.toml"

    @property
    def log(self) -> Path:
        """Where the tokenizer's log goes."""
        return self.data / "tokenizer.log"

    @property
    def _scheme(self) -> str:
        return "https" if self.https else "http"

    def _origin(self, name: str, port: int) -> str:
        return f"{self._scheme}://{name}.{_SITES[self.cross_site]}:{port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What `prepare` made, or found from the last time."""

    key_file: Path
    database: Path
    session_secret: str
    certificate: Certificate | None


def prepare(plan: Plan) -> Files:
    """Make what is missing; the configuration is written anew, since the plan may be another one.

    Raises: `ConfigurationInvalid` for a port that is in use.
    """
    _refuse_busy(plan)
    key_file, public = (plan.data / f"{APPLICATION}{end}" for end in (".key", ".jwks.json"))
    if not (key_file.exists() and public.exists()):
        key_file.unlink(missing_ok=True)
        public.unlink(missing_ok=True)
        applications.make_keys(key_file, public)
    secret = plan.data / "session-secret"
    if not secret.exists():
        private_file.create(secret, secrets.token_urlsafe(32).encode())
    certificate = ensure(plan.data, _NAMES, system_clock()) if plan.https else None
    text_file.replace(plan.config, _configuration(plan, certificate))
    return Files(
        key_file=key_file,
        database=plan.data / "application.db",
        session_secret=private_file.read(secret).decode(),
        certificate=certificate,
    )


@contextmanager
def owned(data: Path) -> Generator[None]:
    """Own the data directory as long as the demo runs; it is made where it is missing.

    Raises: `ConfigurationInvalid` where another demo owns it, or it can't be made.
    """
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(data / "demo.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigurationInvalid(
            f"{data}: {error.strerror}. Choose another directory with `lunasec demo --data`."
        ) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise ConfigurationInvalid(
            f"another demo runs in {data}. Stop it, or choose another directory with"
            " `lunasec demo --data`."
        ) from None
    finally:
        os.close(descriptor)


def _refuse_busy(plan: Plan) -> None:
    found = busy(
        {
            "--port": plan.port,
            "--tokenizer-port": plan.tokenizer_port,
            "--operator-port": plan.operator_port,
        }
    )
    if found is not None:
        raise ConfigurationInvalid(
            f"port {found.port} is in use. Choose another: `lunasec demo {found.option}"
            f" {found.free}`, or `make demo {found.variable}={found.free}`."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """A port that is in use, how it is chosen, and one that is free."""

    option: str
    port: int
    free: int

    @property
    def variable(self) -> str:
        """How `make demo` has the option."""
        return self.option.removeprefix("--").replace("-", "_").upper()


def busy(ports: Mapping[str, int]) -> Busy | None:
    """Find the first of a demo's ports, by options, that is in use, or the same as another."""
    for option, each in ports.items():
        others = set(ports.values()) - {each}
        if list(ports.values()).count(each) > 1 or _is_busy(each):
            free = next(found for found in _candidates(each) if found not in others)
            return Busy(option=option, port=each, free=free)
    return None


def _candidates(port: int) -> Iterator[int]:
    """Give ports that are free, from a thousand further on."""
    beyond = port + 1000 if port + 1000 < _LAST_PORT else 1024
    return (each for each in range(beyond, _LAST_PORT) if not _is_busy(each))


def _is_busy(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
    return _answers_on_ipv6(port)


def _answers_on_ipv6(port: int) -> bool:
    """Say whether another program has the port on ::1, which browsers try first."""
    try:
        with socket.create_connection(("::1", port), timeout=0.2):
            return True
    except OSError:
        return False


def _configuration(plan: Plan, certificate: Certificate | None) -> str:
    tls = ""
    if certificate is not None:
        tls = (
            f'tls_certificate = "{certificate.certificate.name}"\n'
            f'tls_key = "{certificate.key.name}"\n'
        )
    return (
        "# Written anew by each `lunasec demo`.\n"
        "[tokenizer]\n"
        f'origin = "{plan.tokenizer_origin}"\n'
        f'listen = "{LOOPBACK}:{plan.tokenizer_port}"\n'
        f'operator_listen = "{LOOPBACK}:{plan.operator_port}"\n'
        'data = "tokenizer"\n'
        f"{tls}"
        f"\n[applications.{APPLICATION}]\n"
        f'origins = ["{plan.origin}"]\n'
        f'keys = "{APPLICATION}.jwks.json"\n'
    )
