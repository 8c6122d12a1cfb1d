"""Private files: whole or absent, ours alone or refused."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lunasec.errors import Unavailable
from lunasec.tokenizer import private_file
from lunasec.tokenizer.private_file import UnsafeFile

DATA = b"data of some length\n" * 20


PRELUDE = """
import os, pathlib, resource, signal, sys
from lunasec.errors import Unavailable
from lunasec.tokenizer import private_file
path = pathlib.Path(sys.argv[1])
"""
MAKE_IT = """
try:
    private_file.create(path, str(os.getpid()).encode() * 1000)
except FileExistsError:
    pass
else:
    print(os.getpid())
"""
WRITE_TOO_MUCH = """
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    private_file.write(path, bytes(5000))
except Unavailable as error:
    print(error)
"""


def mode(path: Path) -> int:
    """Give a file's permissions."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_file_is_made_for_its_owner_alone(tmp_path: Path, umask: int) -> None:
    """Whatever the umask, the directory gets mode 0700 and the file 0600, and it reads back."""
    path = tmp_path / "data" / "file"
    before = os.umask(umask)
    try:
        private_file.create(path, DATA)
    finally:
        os.umask(before)
    assert (mode(path.parent), mode(path)) == (0o700, 0o600)
    assert private_file.read(path) == DATA
    assert list(path.parent.iterdir()) == [path]


def a_file(path: Path) -> None:
    """Put a file there."""
    path.write_bytes(b"old")


def a_directory(path: Path) -> None:
    """Put a directory there."""
    path.mkdir()


def a_dangling_link(path: Path) -> None:
    """Put a symbolic link to nowhere there."""
    path.symlink_to("nowhere")


@pytest.mark.parametrize("put", [a_file, a_directory, a_dangling_link])
def test_nothing_is_ever_replaced(tmp_path: Path, put: Callable[[Path], None]) -> None:
    """Where anything is at the path, making a file is refused and changes nothing."""
    path = tmp_path / "file"
    put(path)
    before = path.lstat()
    with pytest.raises(FileExistsError):
        private_file.create(path, DATA)
    assert path.lstat() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("bits", [1 << bit for bit in range(6)], ids=oct)
def test_any_right_of_others_is_noticed(tmp_path: Path, bits: int) -> None:
    """A file that group or others may read, write or run is refused, and the way out is named."""
    path = tmp_path / "file"
    private_file.create(path, DATA)
    path.chmod(0o600 | bits)
    with pytest.raises(UnsafeFile, match="chmod 600"):
        private_file.read(path)


@pytest.mark.parametrize("bits", [0o020, 0o002, 0o022], ids=oct)
def test_a_directory_that_others_can_write_is_noticed(tmp_path: Path, bits: int) -> None:
    """Where others could exchange the file it is refused; a sticky directory like /tmp is not."""
    path = tmp_path / "data" / "file"
    private_file.create(path, DATA)
    path.parent.chmod(0o700 | bits)
    with pytest.raises(UnsafeFile, match="directory"):
        private_file.read(path)
    path.parent.chmod(0o1700 | bits)
    assert private_file.read(path) == DATA
    path.parent.chmod(0o755)
    assert private_file.read(path) == DATA


def test_links_and_special_files_are_refused(tmp_path: Path) -> None:
    """A symbolic link, a directory, a pipe and a device are refused, without waiting for them."""
    path = tmp_path / "file"
    private_file.create(path, DATA)
    link, pipe = tmp_path / "link", tmp_path / "pipe"
    link.symlink_to(path)
    os.mkfifo(pipe, 0o600)
    for odd, reason in (
        (link, "symbolic link"),
        (pipe, "not a regular file"),
        (tmp_path, "not a regular file"),
        (Path("/dev/null"), "not a regular file"),
    ):
        with pytest.raises(UnsafeFile, match=reason):
            private_file.read(odd)


def test_a_file_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that belongs to somebody else is refused, unless root reads it."""
    path = tmp_path / "file"
    private_file.create(path, DATA)
    owner = path.stat().st_uid
    for reader in (owner, 0):
        monkeypatch.setattr(os, "geteuid", lambda reader=reader: reader)
        assert private_file.read(path) == DATA
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(UnsafeFile, match="another user"):
        private_file.read(path)


def test_absent_and_too_large_files(tmp_path: Path) -> None:
    """An absent file is told from a bad one; one over 1 MiB is not read."""
    with pytest.raises(FileNotFoundError):
        private_file.read(tmp_path / "none")
    with pytest.raises(FileNotFoundError):
        private_file.read(tmp_path / "none" / "none")
    path = tmp_path / "file"
    private_file.create(path, bytes(private_file.MAX_BYTES))
    assert len(private_file.read(path)) == private_file.MAX_BYTES
    private_file.write(path, bytes(private_file.MAX_BYTES + 1))
    with pytest.raises(UnsafeFile, match="too large"):
        private_file.read(path)


def test_what_a_dead_process_left_behind_does_no_harm(tmp_path: Path) -> None:
    """A draft that a crash left is not read, and is gone after the next write."""
    path = tmp_path / "file"
    draft = tmp_path / ".file.new"
    draft.write_bytes(b"half")
    with pytest.raises(FileNotFoundError):
        private_file.read(path)
    private_file.create(path, DATA)
    assert private_file.read(path) == DATA
    assert not draft.exists()


def run(code: str, path: Path) -> subprocess.Popen[str]:
    """Run Python in another process, with `path` at hand."""
    return subprocess.Popen(
        [sys.executable, "-c", PRELUDE + code, str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_of_many_first_starts_one_wins(tmp_path: Path) -> None:
    """Of processes that make the file at once exactly one succeeds, and the file is its own."""
    path = tmp_path / "data" / "file"
    processes = [run(MAKE_IT, path) for _ in range(8)]
    winners = [out for process in processes if (out := process.communicate()[0].strip())]
    assert len(winners) == 1
    assert private_file.read(path) == winners[0].encode() * 1000


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    """When the data can't be written whole, the old file stays and the refusal says why."""
    path = tmp_path / "file"
    private_file.create(path, DATA)
    said = run(WRITE_TOO_MUCH, path).communicate()[0]
    assert "can't be written: File too large" in said
    assert private_file.read(path) == DATA
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_can_not_be_written_is_unavailable(tmp_path: Path) -> None:
    """A file where the directory should be is a clear refusal, not a crash."""
    (tmp_path / "data").write_bytes(b"")
    with pytest.raises(Unavailable, match="can't be written"):
        private_file.create(tmp_path / "data" / "file", DATA)


def test_every_step_of_a_write_is_durable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The draft is whole and synced before it takes the file's place, the directory after it."""
    path = tmp_path / "file"
    steps: list[tuple[str, Path, int]] = []
    fsync, rename = os.fsync, Path.rename

    def watched_fsync(descriptor: int) -> None:
        fsync(descriptor)
        synced = Path(f"/proc/self/fd/{descriptor}").readlink()
        steps.append(("fsync", synced, os.fstat(descriptor).st_size))

    def watched_rename(self: Path, target: Path) -> Path:
        steps.append(("rename", self, self.stat().st_size))
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(Path, "rename", watched_rename)
    private_file.create(path, DATA)
    draft = tmp_path / ".file.new"
    assert steps[:2] == [("fsync", draft, len(DATA)), ("rename", draft, len(DATA))]
    assert [step[:2] for step in steps[2:]] == [("fsync", tmp_path)]
