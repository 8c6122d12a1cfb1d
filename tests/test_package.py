"""The wheel: what `pip install lunasec` puts on a stranger's machine."""

import json
import subprocess
import sys
import sysconfig
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

from lunasec import __version__
from tests.processes import free_ports, running, status_of

ROOT = Path(__file__).parents[1]
METADATA = f"lunasec-{__version__}.dist-info"


def _run(*command: str | Path, cwd: Path) -> str:
    """Run a program of ours to its end and return what it printed; its errors are the failure."""
    done = subprocess.run(
        command, cwd=cwd, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from the tree, with the locked builder and without a registry."""
    folder = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an environment of its own, which borrows what it depends on."""
    folder = tmp_path_factory.mktemp("environment")
    _run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=ROOT)
    pip = (sys.executable, "-m", "pip", "--python", folder / "bin/python", "--quiet")
    _run(*pip, "install", "--no-index", "--no-deps", wheel, cwd=folder)
    site = next(folder.glob("lib/python*/site-packages"))
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    return folder


def _tracked(folder: str) -> set[str]:
    """Return the files below `folder` that are in the repository, relative to the folder."""
    listed = _run("git", "ls-files", "-z", "--", folder, cwd=ROOT)
    names = {name for name in listed.split("\0") if (ROOT / name).is_file()}
    return {name.removeprefix(folder + "/") for name in names}


def test_wheel_carries_the_browser_files(wheel: Path) -> None:
    """Every file of web/ is in the wheel as lunasec/web, byte for byte."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        for name in _tracked("web"):
            packed = f"lunasec/web/{name}"
            assert packed in names
            assert archive.read(packed) == (ROOT / "web" / name).read_bytes(), name


def test_wheel_carries_the_whole_package_and_nothing_else(wheel: Path) -> None:
    """Schemas, templates and the typing marker are shipped; tests and tools are not."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    packed = {name.removeprefix("lunasec/") for name in names if name.startswith("lunasec/")}
    assert _tracked("src/lunasec") - packed == set()
    assert {name.split("/")[0] for name in names} == {"lunasec", METADATA}


def test_extra_brings_what_the_demo_needs(wheel: Path) -> None:
    """`pip install "lunasec[tokenizer]"` is enough for `lunasec demo`."""
    with zipfile.ZipFile(wheel) as archive:
        metadata = Parser().parsestr(archive.read(f"{METADATA}/METADATA").decode())
    needs = [need for need in metadata.get_all("Requires-Dist", []) if "tokenizer" in need]
    for name in ("fastapi", "itsdangerous", "jinja2", "python-multipart", "typer", "uvicorn"):
        assert any(need.startswith(name) for need in needs), name


def test_installed_wheel_stands_alone(environment: Path) -> None:
    """The installed package imports from its own environment and finds its browser files there."""
    ask = (
        "import importlib.resources, json, lunasec;"
        "web = importlib.resources.files('lunasec') / 'web';"
        "print(json.dumps([lunasec.__file__, web.is_dir()]))"
    )
    file, has_web = json.loads(_run(environment / "bin/python", "-c", ask, cwd=environment))
    assert Path(file).is_relative_to(environment)
    assert has_web


def test_command_line_answers(environment: Path) -> None:
    """`lunasec --help` works where only the wheel is installed."""
    assert "Usage" in _run(environment / "bin/lunasec", "--help", cwd=environment)


def test_demo_runs_from_the_wheel(environment: Path, tmp_path: Path) -> None:
    """`lunasec demo` needs nothing of the tree: its pages and the browser's files are installed."""
    application, tokenizer, operator = free_ports(3)
    command: list[str | Path] = [environment / "bin/lunasec", "demo", "--port", str(application)]
    command += ["--tokenizer-port", str(tokenizer), "--operator-port", str(operator)]
    with running(command, folder=tmp_path, ready={application: "/", tokenizer: "/lunasec.js"}):
        assert status_of(application, "/sign-up") == 200
        assert status_of(tokenizer, "/frame/demo/input") == 200
