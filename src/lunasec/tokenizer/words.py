"""What frames say, in languages of the operator's; a page's own words could deceive."""

import re
from collections.abc import Mapping
from typing import Final

from lunasec.errors import ConfigurationInvalid

LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3}", re.IGNORECASE)
"""A language tag as pages have it in `lang` (RFC 5646, section 2.1), as far as it is used."""

LONGEST: Final = 200
"""Characters: a frame has as much room as the page's own words had."""

PLACE: Final = re.compile(r"\{\w+\}")
"""Where a name, a number or a list comes in."""

PHRASES: Final = frozenset(
    {
        # <secure-text>
        "Show", "Hide", "Copy", "Copied", "Can\u2019t copy",
        # <secure-upload>
        "Files", "Choose file…", "Choose files…", "Add files…", "Replace…", "File", "Stored file",
        "or drop it here", "or drop them here", "Retry", "Retry {name}", "Remove {name}",
        "Cancel {name}", "Upload of {name}", "Waiting…", "Waiting for the network…", "Ready",
        "Stored", "Not stored yet", "Uploading, {percent}", "{name} chosen",
        "{count} files chosen", "{name} uploaded", "{name} removed", "Waiting for the uploads",
        "Folders are not taken. Choose the files in it.", "Choose another file.",
        "Too large.", "The limit is {limit}.", "Not this kind of file.", "Choose {kinds}.",
        "The file is empty.", "The file changed while it was read. Choose it again.",
        "The file is no longer there.", "No connection. Retry when it is back.",
        "Too many uploads right now. Retry in a minute.",
        "No room for it at the moment. Retry later, or tell whoever runs this page.",
        "The upload was cut off. Choose the files again.",
        "Not stored. Retry, or choose it again.",
        # <secure-download>
        "Download", "Download of {name}", "Cancel", "Try again", "Download started",
        "{percent} downloaded", "Downloaded", "Canceled", "Not available",
        "No connection. Try again.", "Too many downloads. Try again in a minute.",
        "Too large for this browser\u2019s settings. Allow site data, and try again.",
        "The stored file is damaged.", "Confirm that it is you to download this.",
        # The built-in validators
        "Enter a Social Security number, like 078-05-1120.",
        "Enter an employer identification number, like 12-3456789.",
        "Enter a card number. One of its digits may be wrong.",
        "Enter an email address, like name@example.com.",
        "Enter a phone number, like +1 202 555 0143.",
        "Enter a date as year, month and day, like 1984-12-31.",
        "Enter an IBAN, like DE89 3704 0044 0532 0130 00.",
        "Enter a bank's routing number, which has nine digits.",
    }
)  # fmt: skip
"""All that frames say, as the modules in `web/frame` have it; the built-in masks' signs apart."""


def check(setting: str, words: Mapping[str, Mapping[str, str]], own: frozenset[str]) -> None:
    """Check the languages of an application; `own` is what its own validators say.

    Raises: `ConfigurationInvalid`.
    """
    for language, phrases in words.items():
        if not LANGUAGE.fullmatch(language):
            example = setting.rpartition(".")[0] or setting
            raise ConfigurationInvalid(
                f"{setting}.{language}: it is not a language as pages have it in `lang`;"
                f" for example [{example}.words.de]."
            )
        for phrase, text in phrases.items():
            _check(f'{setting}.{language}."{phrase}"', phrase, text, own)


def _check(at: str, phrase: str, text: str, own: frozenset[str]) -> None:
    if phrase not in PHRASES | own:
        raise ConfigurationInvalid(
            f'{at}: frames never say that; for example "Show" = "Anzeigen". All that they say is'
            " listed in docs/configuration.md."
        )
    if not 1 <= len(text) <= LONGEST or not text.isprintable():
        raise ConfigurationInvalid(f"{at}: wants 1 to {LONGEST} characters on one line.")
    if sorted(PLACE.findall(text)) != sorted(PLACE.findall(phrase)):
        places = " and ".join(PLACE.findall(phrase)) or "no {…}"
        raise ConfigurationInvalid(f"{at}: wants {places} in it, as in what it stands for.")
