"""The command `lunasec`."""

import os
import sys
from typing import TYPE_CHECKING, cast

from lunasec.errors import LunaSecError

if TYPE_CHECKING:
    from io import TextIOWrapper

REFUSED = 2
"""The exit code of a refusal: the command did nothing, and said why in one line."""

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells count: 128 and the signal's number."""


def main() -> None:
    """Run a command. A refusal is one clear line on standard error, and exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        # Not every terminal knows the signs that we write; none of them is worth a crash.
        cast("TextIOWrapper", stream).reconfigure(errors="replace")
    if os.name != "posix":
        _refuse("the tokenizer runs on Linux and macOS; on Windows, in WSL or a container.")
    try:
        # Loaded here, so that Ctrl-C is as quiet while modules load as it is afterwards.
        from lunasec.cli.commands import app  # noqa: PLC0415

        app()
    except LunaSecError as error:
        _refuse(str(error))
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("lunasec"):
            raise
        _refuse(f'{error.name} is not installed: `pip install "lunasec[tokenizer]"` brings it.')
    except OSError as error:
        # What no command foresaw: a disk that is full, a directory of another user.
        _refuse(f"{error.filename or 'the system'}: {error.strerror or error}.")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _refuse(what: str) -> None:
    sys.stderr.write(f"lunasec: {what}\n")
    sys.exit(REFUSED)
