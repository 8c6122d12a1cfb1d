"""What every error is, and the one that nobody foresaw; the catalog is `errors.py`."""

from typing import ClassVar


class LunaSecError(Exception):
    """A refusal with a stable code (RFC 9457, section 3.1); `detail` is safe to log and to show."""

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "The tokenizer could not answer."

    def __init__(self, detail: str = "", *, retry_after: int | None = None) -> None:
        """Keep `detail`, and for refusals that pass by themselves the seconds to wait."""
        super().__init__(detail or self.title)
        self.detail = detail
        self.retry_after = retry_after


class Internal(LunaSecError):
    """An error that nobody foresaw; its cause is in the server's log under the request's id."""


class Unavailable(LunaSecError):
    """The tokenizer, its store or its key service can't be reached, can't write, or is full."""

    code = "unavailable"
    status = 503
    title = "The tokenizer is not available right now."


class StorageFull(Unavailable):
    """The disk that files are kept on is full, or nearly: what is left of it is the database's."""

    code = "storage_full"
    title = "There is no room for files."
