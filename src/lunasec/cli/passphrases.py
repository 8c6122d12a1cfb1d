"""Passphrases: asked for on the terminal without echo, or read from a file; never an argument.

An argument or a variable of the environment would be there for other processes to read.
"""

import getpass
import stat
import sys
from pathlib import Path
from typing import Final

from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer.core.secret import Secret
from lunasec.tokenizer.key_backup import MIN_PASSPHRASE_BYTES

STANDARD_INPUT: Final = "-"
_TRIES: Final = 3


def new(source: str | None) -> Secret:
    """Take a new passphrase; on a terminal it is asked for twice.

    Raises: `ConfigurationInvalid` for one that is too short.
    """
    if source is not None:
        passphrase = _from_file(source)
        if len(passphrase) < MIN_PASSPHRASE_BYTES:
            raise ConfigurationInvalid(_too_short(len(passphrase)))
        return passphrase
    for _ in range(_TRIES):
        passphrase = _asked("New passphrase: ")
        if len(passphrase) < MIN_PASSPHRASE_BYTES:
            sys.stderr.write(f"{_too_short(len(passphrase))}\n")
        elif passphrase != _asked("The same again: "):
            sys.stderr.write("The two are not the same.\n")
        else:
            return passphrase
    raise ConfigurationInvalid(f"no passphrase after {_TRIES} tries. Nothing was written.")


def known(source: str | None) -> Secret:
    """Take the passphrase of something that exists."""
    return _asked("Passphrase: ") if source is None else _from_file(source)


def _asked(prompt: str) -> Secret:
    if not sys.stdin.isatty():
        raise ConfigurationInvalid(
            "there is no terminal to ask for the passphrase on."
            " Give --passphrase-file FILE, or --passphrase-file - for standard input."
        )
    return Secret(getpass.getpass(prompt).encode())


def _from_file(source: str) -> Secret:
    if source == STANDARD_INPUT:
        return Secret(_first_line(sys.stdin.buffer.readline()))
    path = Path(source)
    try:
        with path.open("rb") as file:
            mode = path.stat().st_mode
            if stat.S_ISREG(mode) and mode & (stat.S_IRWXG | stat.S_IRWXO):
                sys.stderr.write(f"lunasec: {path} can be read by other users; chmod 600 {path}\n")
            return Secret(_first_line(file.readline()))
    except OSError as error:
        raise ConfigurationInvalid(f"--passphrase-file: {path}: {error.strerror}.") from None


def _first_line(line: bytes) -> bytes:
    return line.rstrip(b"\r\n")


def _too_short(length: int) -> str:
    return (
        f"the passphrase has {length} bytes and needs {MIN_PASSPHRASE_BYTES} or more;"
        " four or five words that do not belong together are a good one."
    )
