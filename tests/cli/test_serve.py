"""`lunasec serve`: refuses in one line, says what it made, starts light, and stops when asked."""

import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic

import pytest

from lunasec.cli import applications
from tests.cli.invocation import lunasec, on_a_terminal, process
from tests.cli.serving import STOP_SECONDS, edit, running_server, state
from tests.cli.test_keys import PASSPHRASE, PROMPTS
from tests.cli.test_settings import WRONG
from tests.deployments import LUNASEC
from tests.processes import answers

RSS_KILOBYTES = 90 * 1024


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_wrong_configuration_is_one_line(tmp_path: Path, text: str, said: str) -> None:
    """Every wrong setting is one line on standard error, exit code 2, and nothing is made."""
    (tmp_path / "lunasec.toml").write_text(text)
    before = state(tmp_path)
    assert said in lunasec("serve", cwd=tmp_path).refusal
    assert state(tmp_path) == before


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
        edit(folder, port, "0")
    with running_server(folder) as first:
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
    with running_server(folder) as second:
        second.stop()
        assert second.process.stdout is not None
        assert second.process.stdout.read() == ""


def test_first_start_that_fails_is_told_by_the_next(folder: Path) -> None:
    """A start without room for the database is one line; the next one tells where the keys are."""
    # Files of 16 KiB at most (8, where a block has 512 bytes): enough for keys alone.
    command: list[str | Path] = ["/bin/sh", "-c", 'ulimit -f 16; exec "$0" serve', LUNASEC]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("lunasec: ")
    assert done.stderr.count("\n") == 1
    with running_server(folder) as second:
        second.stop()
        assert second.process.stdout is not None
        said = second.process.stdout.read()
        assert " keys export " in said
        assert "not for production" in said


def test_application_without_keys_is_said(folder: Path) -> None:
    """A configuration whose application has no key file is refused before anything is made."""
    (folder / "payroll.jwks.json").unlink()
    refusal = lunasec("serve", cwd=folder).refusal
    assert "applications.payroll.keys: " in refusal
    assert not (folder / "lunasec-data").exists()


def test_random_ports_are_logged(folder: Path) -> None:
    """With port 0, the log says which ports were taken, and they answer."""
    with running_server(folder) as serving:
        listening = serving.lines[-1]
        public, operator = (
            int(str(listening[name]).rpartition(":")[2]) for name in ("listen", "operator_listen")
        )
        assert answers(public, "/lunasec.js")
        assert answers(operator, "/ready")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_stops_it_cleanly(folder: Path, number: signal.Signals) -> None:
    """Either signal ends it with exit code 0; each line of its log is JSON, to the last."""
    with running_server(folder) as serving:
        began = monotonic()
        last = serving.stop(number)[-1]
        assert serving.process.returncode == 0
        assert monotonic() - began < STOP_SECONDS
    assert last["event"] == "stopped"


def test_it_ends_with_whoever_started_it(folder: Path) -> None:
    """Asked to, it stops when its standard input ends, as it does when the parent is killed."""
    with running_server(folder, "--until-input-ends") as serving:
        assert serving.process.stdin is not None
        serving.process.stdin.close()
        assert serving.process.wait(STOP_SECONDS) == 0


def test_it_starts_light(folder: Path) -> None:
    """A worker takes no more memory than promised, and loads nothing of the demo."""
    with running_server(folder) as serving:
        status = Path(f"/proc/{serving.process.pid}/status").read_text()
    [peak] = [line for line in status.splitlines() if line.startswith("VmHWM")]
    assert int(peak.split()[1]) <= RSS_KILOBYTES
    loaded = "import sys, lunasec.cli.serve, lunasec.cli.commands; print(*sys.modules)"
    modules = subprocess.check_output([sys.executable, "-c", loaded], text=True).split()
    assert {"fastapi", "httpx", "jinja2", "lunasec.demo", "lunasec.sdk"} & set(modules) == set()


def test_busy_port_is_said(folder: Path) -> None:
    """A port that another program has is named with its setting, and nothing is made."""
    with running_server(folder) as serving:
        taken = str(serving.lines[-1]["listen"])
        other = folder / "other"
        other.mkdir()
        applications.make("a", origins=["https://a.example.com"], config=other / "lunasec.toml")
        edit(other, "127.0.0.1:8001", taken)
        before = state(other)
        refusal = process("serve", cwd=other).refusal
    assert f"tokenizer.listen: {taken} can't be listened on" in refusal
    assert state(other) == before


def test_second_process_is_refused(folder: Path) -> None:
    """One process owns the data directory; a second one says so, and the first one serves on."""
    with running_server(folder) as serving:
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


def test_privileged_port_is_said(folder: Path) -> None:
    """A port that can't be bound for another reason than being busy is refused by its setting."""
    edit(folder, '\nlisten = "127.0.0.1:0"', '\nlisten = "192.0.2.1:8001"')
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
