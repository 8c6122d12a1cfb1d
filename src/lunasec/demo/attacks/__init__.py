"""Ready-made attacks for `/steal`: each a script that runs in the page, and why it gets nothing."""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One thing that a script in the page can try."""

    name: str
    title: str
    outcome: str
    """Plain words for a developer: what happened, and which rule of the browser or ours did it."""

    succeeds: bool = False
    """Whether this one works, in our scheme and in any other."""

    @property
    def script(self) -> str:
        """The script, as it is shown and run."""
        return (FOLDER / f"{self.name}.js").read_text()


ATTACKS = (
    Attack(
        name="read-elements",
        title="Read the elements",
        outcome=(
            "The ordinary field gives up its text. The secure elements have only the token to "
            "give: the number was never in this document, not as text, not as a form value."
        ),
    ),
    Attack(
        name="look-inside",
        title="Look inside the frames",
        outcome=(
            "The number is drawn by a document of another origin. The browser gives this page a "
            "box to place, and null or an error for everything in it."
        ),
    ),
    Attack(
        name="ask-tokenizer",
        title="Ask the tokenizer",
        outcome=(
            "The token is right and the session is live, and it is still refused. Only documents "
            "of the tokenizer itself may ask it for a value: the browser writes Sec-Fetch-Site, "
            "which no script can change, and no answer has a CORS header that would let this page "
            "read it."
        ),
    ),
    Attack(
        name="take-session",
        title="Take the session",
        outcome=(
            "Both session cookies are HttpOnly. The redirect that sets the session up carries a "
            "handle that works once, and the browser shows this page neither its address nor "
            "its answer."
        ),
    ),
    Attack(
        name="talk-to-frames",
        title="Talk to the frames",
        outcome=(
            "The frames take orders about looks, focus and which token to show. No message asks "
            "for a value, so none is answered with one."
        ),
    ),
    Attack(
        name="log-keys",
        title="Log the keys",
        outcome=(
            "A key that is pressed in a frame is an event of the window in that frame. Type into "
            "both fields on this page: of the secure one the script hears that something was "
            "typed, as it would of any field, and never what."
        ),
    ),
    Attack(
        name="use-other-tokens",
        title="Use all the tokens",
        outcome=(
            "Every token of the database, and elements made by the attacker. A token opens only "
            "for a session to which it was granted, and this one was granted your own and no "
            "other. Your own shows, to you, in a frame that the script cannot read."
        ),
    ),
    Attack(
        name="fake-field",
        title="Put up a false field",
        outcome=(
            "This one works, here and in every scheme. A script that was there first can show you "
            "a field of its own, and gets what you type into that. What you stored before stays "
            "out of its reach."
        ),
        succeeds=True,
    ),
)
