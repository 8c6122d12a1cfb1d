"""`lunasec app`: both ends of an application, the key file for it and the entry for us."""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from lunasec.cli import text_file
from lunasec.errors import ConfigurationInvalid, LunaSecError
from lunasec.tokenizer import counterparties, private_file, settings, tables
from lunasec.tokenizer import origins as spelling
from lunasec.tokenizer.checked import APPLICATION_NAME
from lunasec.tokenizer.configuration import ORIGIN
from lunasec.tokenizer.jose.key_pair import key_pair
from lunasec.tokenizer.settings import Application, Settings

FIRST: Final = """\
# The tokenizer's configuration. `lunasec check` reads it as the server would.
[tokenizer]
origin = {tokenizer}
listen = "127.0.0.1:8001"
operator_listen = "127.0.0.1:9001"
data = "lunasec-data"
"""

ENTRY: Final = """
[applications.{name}]
origins = {origins}
keys = {keys}
"""

_ADDED: Final = """\
Made the application {name}.

  {private}  is its private key: move it to the application's server, and keep no copy here
  {config}  has its entry; restart `lunasec serve` to take it into use

In the application:

    lunasec = LunaSec(
        application="{name}",
        key_file="{name}.key",
        tokenizer_url="{tokenizer}",
        session_id_provider=starlette_session_id,
    )
    lunasec.register(app)

`lunasec check` says what is left to do.
"""


def add(name: str, *, origins: Sequence[str], config: Path, tokenizer: str | None) -> str:
    """Make an application, and say what to do with it."""
    made = make(name, origins=origins, config=config, tokenizer=tokenizer)
    private = config.parent / f"{name}.key"
    return _ADDED.format(name=name, private=private, config=config, tokenizer=made.origin)


def make(
    name: str, *, origins: Sequence[str], config: Path, tokenizer: str | None = None
) -> Settings:
    """Write the key pair and the entry; nothing is replaced, and nothing is left half-done.

    Raises: `ConfigurationInvalid`.
    """
    _refuse_wrong(name, origins, tokenizer)
    _extended(name, origins, config, tokenizer)
    public, private = config.parent / f"{name}.jwks.json", config.parent / f"{name}.key"
    if there := [str(path) for path in (private, public) if path.exists()]:
        raise ConfigurationInvalid(
            f"the application {name} can't be made anew: {' and '.join(there)} would be replaced."
        )
    with ExitStack() as undo:
        undo.callback(private.unlink, missing_ok=True)
        undo.callback(public.unlink, missing_ok=True)
        make_keys(private, public)
        with private_file.locked(config):
            # Once more: somebody may have added another one meanwhile.
            text, read = _extended(name, origins, config, tokenizer)
            text_file.replace(config, text)
        undo.pop_all()
    return read


def make_keys(private: Path, public: Path) -> None:
    """Write a new key pair: the private half for the application, the public one for us."""
    pair = key_pair()
    private_file.create(private, pair.private)
    text_file.replace(public, pair.public.decode())


def listed(configured: Settings) -> str:
    """List the applications of a configuration."""
    if not configured.applications:
        return "There is no application yet; `lunasec app add NAME --origin URL` makes one.\n"
    return "".join(_described(each) for each in configured.applications.values())


def suggested(origin: str) -> str | None:
    """Suggest a tokenizer beside an application: `https://secure.example.com`, or none."""
    parts = urlsplit(origin)
    host = parts.hostname or ""
    registered = spelling.site(host)
    if ":" in host or host.replace(".", "").isdigit():
        return None  # An address has no siblings.
    name = "secure" if host != f"secure.{registered}" else "vault"
    port = ":8001" if spelling.is_local(host) else ""
    return f"{parts.scheme}://{name}.{registered}{port}"


def _refuse_wrong(name: str, origins: Sequence[str], tokenizer: str | None) -> None:
    """Refuse what was typed by the words in which it was typed."""
    if not APPLICATION_NAME.fullmatch(name):
        raise ConfigurationInvalid(
            f"NAME: got {tables.shown(name)}, wants 1 to 40 characters of a-z, 0-9 and '-', a"
            " letter first, and not 'bind-'; for example payroll."
        )
    options = [("--origin", each) for each in origins]
    options += [("--tokenizer", tokenizer)] if tokenizer else []
    for option, text in options:
        try:
            spelling.origin(text)
        except ValueError as error:
            raise ConfigurationInvalid(
                f"{option}: got {tables.shown(text)}, wants {ORIGIN}.{error}"
            ) from None


def _extended(
    name: str, origins: Sequence[str], config: Path, tokenizer: str | None
) -> tuple[str, Settings]:
    """Write the configuration with one more application, and read it back.

    Raises: `ConfigurationInvalid` where the application is there already, or is not allowed.
    """
    if config.exists():
        before = config.read_text(encoding="utf-8-sig")
        if name in settings.parse(before.encode(), config).applications:
            raise ConfigurationInvalid(f"{config} has an application {name} already.")
    else:
        if not config.parent.is_dir():
            raise ConfigurationInvalid(f"{config}: there is no directory {config.parent}.")
        chosen = tokenizer or next(filter(None, map(suggested, origins)), None)
        if chosen is None:
            raise ConfigurationInvalid(
                "give the tokenizer's own origin with --tokenizer; for example"
                " --tokenizer https://secure.example.com."
            )
        before = FIRST.format(tokenizer=tables.shown(chosen))
    end = "" if before.endswith("\n") else "\n"
    text = before + end + _entry(name, origins)
    return text, settings.parse(text.encode(), config)


def _entry(name: str, origins: Iterable[str]) -> str:
    return ENTRY.format(
        name=name, origins=tables.shown(list(origins)), keys=tables.shown(f"{name}.jwks.json")
    )


def _described(application: Application) -> str:
    site = "another site than" if application.cross_site else "the same site as"
    sessions = "a header that its pages send" if application.header_sessions else "a cookie"
    try:
        keys = f"{application.keys} ({', '.join(counterparties.public_keys(application).keys)})"
    except LunaSecError as error:
        keys = error.detail
    return (
        f"{application.name}\n"
        f"  origins   {', '.join(application.origins)}: {site} the tokenizer\n"
        f"  keys      {keys}\n"
        f"  sessions  {sessions}\n"
    )
