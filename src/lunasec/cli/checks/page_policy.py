"""The Content-Security-Policy that an application's pages need, and whether one has it."""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from lunasec.tokenizer.settings import Settings

_NEEDED: Final = {
    "script-src": ("{tokenizer}", "the elements' module"),
    "frame-src": ("'self' {tokenizer}", "the Secure Frames; 'self' where cookies are blocked"),
    "connect-src": ("'self' {tokenizer}", "setting the session up"),
}
# Where a policy does not have a directive, browsers look at these (CSP Level 3, section 6.8.3).
_FALLBACKS: Final[Mapping[str, Sequence[str]]] = {
    "script-src": ("script-src-elem", "script-src", "default-src"),
    "frame-src": ("frame-src", "child-src", "default-src"),
    "connect-src": ("connect-src", "default-src"),
}


def lines(settings: Settings) -> str:
    """Write the lines for a page's policy."""
    needed = {name: text.format(tokenizer=settings.origin) for name, (text, _) in _NEEDED.items()}
    width = max(len(f"{name} {text}") for name, text in needed.items())
    rows = [
        f"  {f'{name} {needed[name]};':<{width + 1}}  {why}" for name, (_, why) in _NEEDED.items()
    ]
    return (
        "Content-Security-Policy of a page with elements; add these to what it has\n"
        + "\n".join(rows)
        + "\n\nNothing else is needed: no 'unsafe-inline', no 'unsafe-eval', no style-src.\n"
        "With 'strict-dynamic', give the script tag your nonce. A page with\n"
        "Cross-Origin-Embedder-Policy can't show frames.\n"
    )


def directives(policy: str) -> dict[str, list[str]]:
    """Read a policy: for each directive its sources, the first of a name counts."""
    read: dict[str, list[str]] = {}
    for part in policy.split(";"):
        name, *sources = part.split() or [""]
        if name:
            read.setdefault(name.lower(), sources)
    return read


def missing(policy: str, tokenizer: str) -> list[str]:
    """List the directives of a page's policy that keep the tokenizer out."""
    read = directives(policy)
    return [name for name in _NEEDED if not _allows(_effective(read, name), tokenizer)]


def _effective(read: Mapping[str, list[str]], name: str) -> list[str] | None:
    return next((read[each] for each in _FALLBACKS[name] if each in read), None)


def _allows(sources: list[str] | None, tokenizer: str) -> bool:
    """Say whether sources let an origin through; without a directive, all are."""
    if sources is None:
        return True
    if "'strict-dynamic'" in sources:
        return True  # Then a nonce decides, which can't be seen from here.
    return any(_matches(source, tokenizer) for source in sources)


def _matches(source: str, tokenizer: str) -> bool:
    """Match a source expression against an origin (CSP Level 3, section 6.7.2.7)."""
    wanted = urlsplit(tokenizer)
    if source in {"*", f"{wanted.scheme}:"}:
        return True
    scheme, has_scheme, rest = source.rpartition("://")
    host = rest.partition("/")[0].rstrip("/")
    if has_scheme and scheme != wanted.scheme:
        return False
    if host.startswith("*."):
        return wanted.netloc.endswith(host[1:])
    return host == wanted.netloc
