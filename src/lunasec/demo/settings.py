"""What the demo has to be told; `lunasec demo` fills it in."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from lunasec.proxy import ProxyProvider


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSettings:
    """Everything the demo depends on. It reads neither the environment nor a file of settings."""

    origin: str
    """Where browsers find the demo, such as `http://app.lunasec.localhost:8000`."""

    tokenizer_url: str
    """Where browsers find the tokenizer: an origin, other than the demo's."""

    tokenizer_internal_url: str
    """Where the demo's back end finds the tokenizer, such as `http://127.0.0.1:8001`."""

    application: str
    """The name under which `lunasec app add` made the application."""

    key_file: Path
    """The application's private key, made by the same command."""

    database: Path
    """The demo's own SQLite file; made at first start."""

    session_secret: str = field(repr=False)
    """Signs the session cookie. It has to outlive a restart, or everybody is logged out."""

    tokenizer_ca_file: Path | None = None
    """The certificates to trust for the tokenizer, where they are of the demo's own making."""

    proxy: ProxyProvider | None = None
    """Whose tokens say who is visiting, where the demo is behind an auth proxy."""

    @property
    def host(self) -> str:
        """The demo's host and port, as browsers write them in `Host`."""
        return urlsplit(self.origin).netloc

    @property
    def tokenizer_host(self) -> str:
        """The tokenizer's host and port, as the pages show it."""
        return urlsplit(self.tokenizer_url).netloc

    @property
    def encrypted(self) -> bool:
        """Whether browsers reach the demo by https."""
        return self.origin.startswith("https:")
