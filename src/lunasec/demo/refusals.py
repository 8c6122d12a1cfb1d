"""Says in plain words, to a user, why LunaSec refused."""

from lunasec.errors import LunaSecError, NoSession, NotGranted, TokenMalformed


def explained(refusal: LunaSecError) -> str:
    """Return what a user should know and do. It names neither a value nor a token."""
    match refusal:
        case NotGranted() | TokenMalformed():
            return "That number was not typed into this page by you, just now. Type it again."
        case NoSession():
            return "Your session has ended. Open the page anew and type the number again."
        case _:
            return "The tokenizer cannot be reached right now. Nothing was saved; try again soon."
