"""What a first start says: where the key file is, and the one command that backs it up."""

import shlex
import shutil
import sys
from pathlib import Path
from typing import Final

BACKUP: Final = "lunasec-keys.backup"

_MESSAGE: Final = """
{what} The tokenizer's keys are in

    {keys}

Without that file every value is lost, and nobody can bring it back. Back it up now:

    {command}

It asks for a passphrase. Keep the backup and its passphrase on another machine than this one.
One backup is enough for ever: whatever key comes later, it is made from what is in it.

A key file beside the database is not for production: it is for one machine and for trying
things out. Whoever takes both can read every value whose token he has.

"""


def message(data: Path, what: str = "This is the first start.") -> str:
    """Write what somebody has to know whose keys in `data` are new."""
    return _MESSAGE.format(what=what, keys=data / "keys.json", command=back_up(data))


def back_up(data: Path) -> str:
    """Write the command that backs the keys in `data` up; it works when it is pasted."""
    return f"{program()} keys export --data {shlex.quote(str(data))} --output {BACKUP}"


def program() -> str:
    """Name this program so that the reader's shell finds it, installed on its path or not."""
    own = Path(sys.executable).parent / "lunasec"
    found = shutil.which("lunasec")
    if found and own.exists() and Path(found).samefile(own):
        return "lunasec"
    if own.exists():
        return shlex.quote(str(own))
    return f"{shlex.quote(sys.executable)} -m lunasec.cli"
