"""Options that several commands take, and what they stand for."""

from pathlib import Path
from typing import Annotated, Final

import typer

from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer import settings
from lunasec.tokenizer.settings import Settings

DEFAULT: Final = Path("lunasec.toml")

Config = Annotated[
    Path,
    typer.Option(
        "--config", metavar="FILE", envvar="LUNASEC_CONFIG", help="The configuration file."
    ),
]

Data = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="DIRECTORY", help="The data directory; else the configuration says it."
    ),
]

PassphraseFile = Annotated[
    str | None,
    typer.Option(
        "--passphrase-file",
        metavar="FILE",
        help="A file whose first line is the passphrase; - is standard input."
        " Without it you are asked.",
    ),
]


def data_directory(config: Path, data: Path | None) -> Path:
    """Find the data directory: as it was named, or as the server would find it."""
    if data is not None:
        return data.absolute()
    if not config.exists():
        raise ConfigurationInvalid(
            f"{config}: there is no such file. Name the data directory with --data, or the"
            " configuration with --config."
        )
    return settings.load(config).data


def load(config: Path) -> Settings:
    """Read the configuration as the server does."""
    return settings.load(config)
