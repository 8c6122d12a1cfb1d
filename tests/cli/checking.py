"""What the tests of `lunasec check` share: a tokenizer to look at, and how to read a finding."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.cli.invocation import Outcome, lunasec
from tests.processes import free_ports

NAME = "payroll"


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """A running tokenizer, in whose folder the configuration may be changed."""

    folder: Path
    port: int
    operator_port: int

    @property
    def config(self) -> Path:
        """The configuration."""
        return self.folder / "lunasec.toml"

    def check(
        self, *options: str, application: int = 1, origin: str | None = None, more: str = ""
    ) -> Outcome:
        """Check it, with the application at a port, the tokenizer's origin changed, and `more`."""
        text = self.config.read_text()
        text = re.sub(r":\d+\"\]", f':{application}"]', text)
        if origin is not None:
            text = re.sub(r"(?m)^origin = .*$", f'origin = "{origin}"', text)
        (self.folder / "checked.toml").write_text(text + more)
        return lunasec("check", "--config", "checked.toml", *options, cwd=self.folder)


def advice(done: Outcome, sign: str, what: str) -> str:
    """Give what stands below the one finding with this sign and these words."""
    lines = done.out.splitlines()
    [place] = [
        at for at, line in enumerate(lines) if line.startswith(f"  {sign} ") and what in line
    ]
    found: list[str] = []
    for line in lines[place + 1 :]:
        if not line.startswith("      "):
            break
        found.append(line.strip())
    return " ".join(found)


def move_ports(folder: Path) -> None:
    """Let its listeners take ports that nobody listens on now."""
    config, ports = folder / "lunasec.toml", free_ports(2)
    text = config.read_text().replace("8001", str(ports[0])).replace("9001", str(ports[1]))
    config.write_text(text)
