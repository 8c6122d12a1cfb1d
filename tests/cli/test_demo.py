"""`lunasec demo`: starts with one command, refuses in one line, leaves nothing behind."""

import os
import signal
import ssl
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from time import monotonic, sleep

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from lunasec.cli import certificates
from tests.cli.invocation import lunasec, process
from tests.deployments import LUNASEC
from tests.processes import Running, answers, free_ports, running

SECONDS = 30.0
NOW = 1_795_000_000
DAY = 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Three free ports, and the options that name them."""

    numbers: list[int] = field(default_factory=lambda: free_ports(3))

    @property
    def options(self) -> list[str]:
        """Name them to the command."""
        names = ("--port", "--tokenizer-port", "--operator-port")
        return [word for pair in zip(names, map(str, self.numbers), strict=True) for word in pair]


@contextmanager
def _demo(folder: Path, ports: Ports, *options: str) -> Generator[Running]:
    command: list[str | Path] = [LUNASEC, "demo", *ports.options, *options]
    ready = {ports.numbers[0]: "/", ports.numbers[1]: "/lunasec.js"}
    https = "--https" in options
    with running(command, folder=folder, ready=ready, https=https) as started:
        yield started


def _ended(pids: list[int]) -> bool:
    """Wait until none of the processes lives."""
    deadline = monotonic() + SECONDS
    while monotonic() < deadline:
        if not any(_lives(pid) for pid in pids):
            return True
        sleep(0.05)
    return False


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_stops_both(tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C, and a service manager's signal, end both with exit code 0 and without a traceback."""
    with _demo(tmp_path, Ports()) as demo:
        family = demo.family()
        assert len(family) == 2
        os.kill(demo.pid, number)
        assert demo.process.wait(SECONDS) == 0
        assert _ended(family)
        said = demo.output()
    assert "Traceback" not in said
    assert "Error" not in said
    assert said.endswith("Both are stopped.\n")


def test_killed_demo_takes_its_tokenizer_along(tmp_path: Path) -> None:
    """When the demo is killed on the spot, its tokenizer ends by itself."""
    with _demo(tmp_path, Ports()) as demo:
        family = demo.family()
        demo.process.kill()
        demo.process.wait(SECONDS)
        assert _ended(family)


def test_dead_tokenizer_ends_the_demo(tmp_path: Path) -> None:
    """When the tokenizer dies, the demo says so in one line, and where the log is."""
    with _demo(tmp_path, Ports()) as demo:
        [_, tokenizer] = demo.family()
        os.kill(tokenizer, signal.SIGKILL)
        assert demo.process.wait(SECONDS) == 2
        last = demo.output().splitlines()[-1]
    assert last.startswith("lunasec: the tokenizer ended.")
    assert last.endswith("tokenizer.log.")


def test_reason_of_a_failed_start_is_told(tmp_path: Path) -> None:
    """What the tokenizer refuses is what the demo prints; nobody has to look into a log."""
    ports = Ports()
    with _demo(tmp_path, ports):
        pass
    (tmp_path / "lunasec-demo/tokenizer/keys.json").unlink()
    refusal = process("demo", *ports.options, cwd=tmp_path).refusal
    assert "keys.json does not exist" in refusal
    assert "lunasec keys import" in refusal


def test_same_data_serves_every_deployment(tmp_path: Path) -> None:
    """The same directory can be used same-site, cross-site, with https, and back."""
    ports = Ports()
    for options in (("--cross-site",), ("--https",), ()):
        with _demo(tmp_path, ports, *options) as demo:
            site = "localhost" if "--cross-site" in options else "lunasec.localhost"
            scheme = "https" if "--https" in options else "http"
            said = demo.output()
            assert f"{scheme}://app.{site}:{ports.numbers[0]}/steal" in said
            assert "not for production" in said
            assert ("your browser will warn" in said) is ("--https" in options)


@pytest.mark.parametrize("place", range(3))
def test_busy_port_is_said_with_a_way_out(tmp_path: Path, place: int) -> None:
    """A port that is in use is one line, which names another that is free; nothing is made."""
    ports = Ports()
    option, make = [
        ("--port", "PORT"),
        ("--tokenizer-port", "TOKENIZER_PORT"),
        ("--operator-port", "OPERATOR_PORT"),
    ][place]
    other = tmp_path / "other"
    other.mkdir()
    # A shell's job in the background ignores Ctrl-C, and so would what is started in it.
    command: list[str | Path] = ["env", "--default-signal=INT", "python3", "-m", "http.server"]
    busy = ports.numbers[place]
    with running([*command, "--bind", "127.0.0.1", str(busy)], folder=other, ready={busy: "/"}):
        refusal = lunasec("demo", *ports.options, cwd=tmp_path).refusal
    assert refusal.startswith(f"port {busy} is in use. Choose another: `lunasec demo {option} ")
    free = int(refusal.partition(f"{make}=")[2].partition("`")[0])
    assert free not in ports.numbers
    assert not answers(free, "/")
    assert not (tmp_path / "lunasec-demo/lunasec.toml").exists()


def test_one_port_twice_is_said(tmp_path: Path) -> None:
    """The application and the tokenizer can't have the same port."""
    [port] = free_ports(1)
    command = ("demo", "--port", str(port), "--tokenizer-port", str(port))
    assert f"port {port} is" in lunasec(*command, cwd=tmp_path).refusal


def test_directory_in_use_is_said(tmp_path: Path) -> None:
    """A second demo with the same data is refused, and leaves the first one's files alone."""
    with _demo(tmp_path, Ports()):
        config = (tmp_path / "lunasec-demo/lunasec.toml").read_bytes()
        refusal = lunasec("demo", *Ports().options, cwd=tmp_path).refusal
        assert "another demo runs in" in refusal
        assert "--data" in refusal
        assert (tmp_path / "lunasec-demo/lunasec.toml").read_bytes() == config


def test_directory_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """A path that leads through a file is one line, with the option to change it."""
    (tmp_path / "file").write_text("")
    refusal = lunasec("demo", "--data", "file/data", *Ports().options, cwd=tmp_path).refusal
    assert "Choose another directory with `lunasec demo --data`" in refusal


def test_half_a_key_pair_is_made_anew(tmp_path: Path) -> None:
    """When one half of the application's key pair is gone, both are made anew."""
    ports = Ports()
    with _demo(tmp_path, ports):
        pass
    (tmp_path / "lunasec-demo/demo.jwks.json").unlink()
    with _demo(tmp_path, ports):
        assert (tmp_path / "lunasec-demo/demo.jwks.json").exists()


NAMES = ["app.lunasec.localhost", "secure.lunasec.localhost", "127.0.0.1"]


def _verified(made: certificates.Certificate, name: str) -> None:
    """Verify as a strict client does, or raise `VerificationError`."""
    authority = x509.load_pem_x509_certificate(made.authority.read_bytes())
    own = x509.load_pem_x509_certificate(made.certificate.read_bytes())
    address = name.replace(".", "").isdigit()
    subject = x509.IPAddress(ip_address(name)) if address else x509.DNSName(name)
    policy = PolicyBuilder().store(Store([authority])).time(datetime.fromtimestamp(NOW, UTC))
    policy.build_server_verifier(subject).verify(own, [])


def test_certificate_is_trusted_by_its_authority(tmp_path: Path) -> None:
    """The certificate holds for each name and no other, and its key is private and its own."""
    made = certificates.ensure(tmp_path, NAMES, NOW)
    for name in NAMES:
        _verified(made, name)
    with pytest.raises(VerificationError):
        _verified(made, "other.lunasec.localhost")
    assert made.key.stat().st_mode & 0o777 == 0o600
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(made.certificate, made.key)


def test_authority_is_good_for_this_machine_alone(tmp_path: Path) -> None:
    """A certificate for a name that is not local does not verify under the same authority."""
    made = certificates.ensure(tmp_path, ["app.localhost", "bank.example.com"], NOW)
    with pytest.raises(VerificationError, match="name constraint"):
        _verified(made, "bank.example.com")
    assert [path for path in tmp_path.iterdir() if b"PRIVATE" in path.read_bytes()] == [made.key]


def test_certificate_is_kept_while_it_holds(tmp_path: Path) -> None:
    """Nothing has to be trusted anew until the certificate ends soon, or misses a name."""
    first = certificates.ensure(tmp_path, NAMES, NOW).authority.read_bytes()
    assert certificates.ensure(tmp_path, NAMES, NOW + 300 * DAY).authority.read_bytes() == first
    later = certificates.ensure(tmp_path, NAMES, NOW + 340 * DAY).authority.read_bytes()
    assert later != first
    more = certificates.ensure(tmp_path, [*NAMES, "app.localhost"], NOW + 340 * DAY)
    assert more.authority.read_bytes() != later
