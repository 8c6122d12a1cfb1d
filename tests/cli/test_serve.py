"""`lunasec serve`: refuses in one line, says what it made, starts light, and stops when asked."""

import hashlib
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import pytest

from lunasec.cli import applications, certificates
from tests.cli.invocation import lunasec, on_a_terminal, process
from tests.cli.test_keys import PASSPHRASE, PROMPTS
from tests.cli.test_settings import WRONG
from tests.deployments import LUNASEC
from tests.processes import answers

RSS_KILOBYTES = 90 * 1024
STOP_SECONDS = 10.0  # on two cores beside a browser

Json = dict[str, object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a configuration whose listeners take any free port."""
    applications.make(
        "payroll", origins=["https://app.example.com"], config=tmp_path / "lunasec.toml"
    )
    _edit(tmp_path, "127.0.0.1:8001", "127.0.0.1:0")
    _edit(tmp_path, "127.0.0.1:9001", "127.0.0.1:0")
    return tmp_path


def _edit(folder: Path, old: str, new: str) -> None:
    config = folder / "lunasec.toml"
    assert old in config.read_text()
    config.write_text(config.read_text().replace(old, new))


def _add_line(folder: Path, line: str) -> None:
    _edit(folder, "[tokenizer]\n", f"[tokenizer]\n{line}\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """A running `lunasec serve`, and the lines it has logged up to "listening"."""

    process: subprocess.Popen[str]
    lines: list[Json]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> list[Json]:
        """Send a signal, and give what was logged until the end."""
        self.process.send_signal(number)
        assert self.process.stderr is not None
        rest = [json.loads(line) for line in self.process.stderr]
        self.process.wait(STOP_SECONDS)
        return rest


@contextmanager
def _serving(folder: Path, *arguments: str) -> Generator[Serving]:
    command: list[str | Path] = [LUNASEC, "serve", *arguments]
    with subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as started:
        try:
            assert started.stderr is not None
            lines: list[Json] = []
            for line in started.stderr:
                lines.append(json.loads(line))
                if lines[-1]["event"] == "listening":
                    break
            yield Serving(process=started, lines=lines)
        finally:
            started.kill()


def _state(folder: Path) -> dict[str, str]:
    """Give a hash of every file below the folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_wrong_configuration_is_one_line(tmp_path: Path, text: str, said: str) -> None:
    """Every wrong setting is one line on standard error, exit code 2, and nothing is made."""
    (tmp_path / "lunasec.toml").write_text(text)
    before = _state(tmp_path)
    assert said in lunasec("serve", cwd=tmp_path).refusal
    assert _state(tmp_path) == before


def test_process_refuses_in_one_line(tmp_path: Path) -> None:
    """The installed command does the same: no traceback, no other word."""
    done = process("serve", cwd=tmp_path)
    assert "lunasec.toml: there is no such file. `lunasec app add NAME" in done.refusal
    assert done.out == ""
    assert list(tmp_path.iterdir()) == []


def test_first_start_prints_a_command_that_works(tmp_path: Path) -> None:
    """What the first start says to paste backs the keys up, whatever the directory is called."""
    folder = tmp_path / "an operator's data"
    folder.mkdir()
    applications.make("payroll", origins=["https://a.example.com"], config=folder / "lunasec.toml")
    for port in ("8001", "9001"):
        _edit(folder, port, "0")
    with _serving(folder) as first:
        first.stop()
        assert first.process.stdout is not None
        said = first.process.stdout.read()
    assert f"{folder}/lunasec-data/keys.json\n" in said
    [command] = [line.strip() for line in said.splitlines() if " keys export " in line]
    done = on_a_terminal(["/bin/sh", "-c", command], cwd=tmp_path, answers=PROMPTS)
    assert done.code == 0, done.out
    back = ("keys", "import", "lunasec-keys.backup", "--data", "b", "--passphrase-file", "-")
    assert lunasec(*back, cwd=tmp_path, typed=PASSPHRASE).code == 0
    assert (tmp_path / "b/keys.json").read_bytes() == (
        folder / "lunasec-data/keys.json"
    ).read_bytes()
    with _serving(folder) as second:
        second.stop()
        assert second.process.stdout is not None
        assert second.process.stdout.read() == ""


def test_random_ports_are_logged(folder: Path) -> None:
    """With port 0, the log says which ports were taken, and they answer."""
    with _serving(folder) as serving:
        listening = serving.lines[-1]
        public, operator = (
            int(str(listening[name]).rpartition(":")[2]) for name in ("listen", "operator_listen")
        )
        assert answers(public, "/lunasec.js")
        assert answers(operator, "/ready")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_stops_it_cleanly(folder: Path, number: signal.Signals) -> None:
    """Either signal ends it with exit code 0; each line of its log is JSON, to the last."""
    with _serving(folder) as serving:
        began = monotonic()
        last = serving.stop(number)[-1]
        assert serving.process.returncode == 0
        assert monotonic() - began < STOP_SECONDS
    assert last["event"] == "stopped"


def test_it_ends_with_whoever_started_it(folder: Path) -> None:
    """Asked to, it stops when its standard input ends, as it does when the parent is killed."""
    with _serving(folder, "--until-input-ends") as serving:
        assert serving.process.stdin is not None
        serving.process.stdin.close()
        assert serving.process.wait(STOP_SECONDS) == 0


def test_it_starts_light(folder: Path) -> None:
    """A worker takes no more memory than promised, and loads nothing of the demo."""
    with _serving(folder) as serving:
        status = Path(f"/proc/{serving.process.pid}/status").read_text()
    [peak] = [line for line in status.splitlines() if line.startswith("VmHWM")]
    assert int(peak.split()[1]) <= RSS_KILOBYTES
    loaded = "import sys, lunasec.cli.serve, lunasec.cli.commands; print(*sys.modules)"
    modules = subprocess.check_output([sys.executable, "-c", loaded], text=True).split()
    assert {"fastapi", "httpx", "jinja2", "lunasec.demo", "lunasec.sdk"} & set(modules) == set()


def test_busy_port_is_said(folder: Path) -> None:
    """A port that another program has is named with its setting, and nothing is made."""
    with _serving(folder) as serving:
        taken = str(serving.lines[-1]["listen"])
        other = folder / "other"
        other.mkdir()
        applications.make("a", origins=["https://a.example.com"], config=other / "lunasec.toml")
        _edit(other, "127.0.0.1:8001", taken)
        before = _state(other)
        refusal = process("serve", cwd=other).refusal
    assert f"tokenizer.listen: {taken} can't be listened on" in refusal
    assert _state(other) == before


def test_second_process_is_refused(folder: Path) -> None:
    """One process owns the data directory; a second one says so, and the first one serves on."""
    with _serving(folder) as serving:
        keys = (folder / "lunasec-data/keys.json").read_bytes()
        assert "in use by another process" in process("serve", cwd=folder).refusal
        assert (folder / "lunasec-data/keys.json").read_bytes() == keys
        assert answers(int(str(serving.lines[-1]["operator_listen"]).rpartition(":")[2]), "/ready")


def test_no_application_is_said(folder: Path) -> None:
    """A configuration without an application is refused before keys are made."""
    config = folder / "lunasec.toml"
    config.write_text(config.read_text().partition("[applications")[0])
    assert "`lunasec app add NAME --origin URL`" in lunasec("serve", cwd=folder).refusal
    assert not (folder / "lunasec-data").exists()


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def _open_to_all(path: Path) -> None:
    path.chmod(0o644)


def _replace(path: Path) -> None:
    path.write_bytes(b"hello" * 100)


def _scribble(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:8192] + b"\xff" * 8192 + path.read_bytes()[16384:])


@pytest.mark.parametrize(
    ("name", "damage", "said"),
    [
        ("keys.json", _cut, "lunasec keys import"),
        ("keys.json", Path.unlink, "lunasec keys import"),
        ("keys.json", _open_to_all, "chmod 600"),
        ("high-water.json", _cut, "high-water.json is damaged"),
        ("lunasec.db", _replace, "is not an SQLite database"),
        ("lunasec.db", _scribble, "lunasec.db"),
        ("lunasec.db", Path.unlink, "is missing"),
    ],
)
def test_damage_is_said_and_left_alone(
    folder: Path, name: str, damage: Callable[[Path], object], said: str
) -> None:
    """A damaged file stops the start in one line, with its name; no file is changed by it."""
    with _serving(folder) as serving:
        serving.stop()
    damaged = folder / "lunasec-data" / name
    damage(damaged)
    before = _state(folder)
    refusal = lunasec("serve", cwd=folder).refusal
    assert said in refusal
    assert str(damaged) in refusal
    assert _state(folder) == before


# A key of P-256 under a passphrase, as `openssl genpkey -aes256` writes it.
ENCRYPTED = b"""\
-----BEGIN ENCRYPTED PRIVATE KEY-----
MIH0MF8GCSqGSIb3DQEFDTBSMDEGCSqGSIb3DQEFDDAkBBDeReO/ef63H1ucCvHu
Em6WAgIIADAMBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQei7DFddZXWIp9zjR
eEieMgSBkFZ68bWCGv+EJYD6FOgUdcQiS7R9zQNqoaYRmYwcB6z4lWB4zpSjCzaV
CcTyHXByMSXL3A3+Y2GgIThBj8NShp4Y4Y3Lgix9PjAEm2FVvsEdVTXRVLg+otSm
CfZ0jnvdadgd3v8nho7xAaEe824xEFXC4bfV7y6o1IPd92f3vwsKqEw/nubIqBeZ
51tYDn8x6Q==
-----END ENCRYPTED PRIVATE KEY-----
"""

NOW = 1_795_000_000


def _certificate(folder: Path) -> certificates.Certificate:
    made = certificates.ensure(folder, ["secure.example.com"], NOW)
    _add_line(folder, f'tls_certificate = "{made.certificate}"\ntls_key = "{made.key}"')
    return made


def _no_key(files: certificates.Certificate) -> None:
    files.key.unlink()


def _no_certificate(files: certificates.Certificate) -> None:
    files.certificate.unlink()


def _no_pem(files: certificates.Certificate) -> None:
    files.certificate.write_text("x")


def _encrypted_key(files: certificates.Certificate) -> None:
    files.key.write_bytes(ENCRYPTED)


def _other_key(files: certificates.Certificate) -> None:
    other = certificates.ensure(files.key.parent / "other", ["other.example.com"], NOW)
    files.key.write_bytes(other.key.read_bytes())


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_no_key, "tokenizer.tls_key: "),
        (_no_certificate, "tokenizer.tls_certificate: "),
        (_other_key, "is not the key of the certificate"),
        (_no_pem, "both have to be PEM"),
        (_encrypted_key, "is under a passphrase"),
    ],
)
def test_wrong_certificate_is_said(
    folder: Path, damage: Callable[[certificates.Certificate], object], said: str
) -> None:
    """A certificate that can't be used is named with its setting; nobody is asked for anything."""
    damage(_certificate(folder))
    assert said in lunasec("serve", cwd=folder).refusal
    assert not (folder / "lunasec-data").exists()


def test_privileged_port_is_said(folder: Path) -> None:
    """A port that can't be bound for another reason than being busy is refused by its setting."""
    _edit(folder, '\nlisten = "127.0.0.1:0"', '\nlisten = "192.0.2.1:8001"')
    refusal = lunasec("serve", cwd=folder).refusal
    assert "tokenizer.listen: 192.0.2.1:8001 can't be listened on: Cannot assign" in refusal


def test_version_is_told(tmp_path: Path) -> None:
    """`lunasec --version` is one line."""
    assert process("--version", cwd=tmp_path).out == "lunasec 0.1.0\n"


def test_unknown_word_is_plain(tmp_path: Path) -> None:
    """A mistyped command or option is an error in plain text, without boxes."""
    for words in (("servee",), ("serve", "--confg", "x")):
        done = lunasec(*words, cwd=tmp_path)
        assert done.code == 2
        assert "No such" in done.err
        assert "─" not in done.err
