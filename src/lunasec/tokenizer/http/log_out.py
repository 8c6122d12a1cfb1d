"""Log-out by an application's identity provider, over a line of its own (back channel)."""

from functools import partial
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from lunasec.errors import BrowserRefused, LogOutInvalid, NotFound, TooLarge
from lunasec.tokenizer.http import caller, limits
from lunasec.tokenizer.http.answers import Done, answer
from lunasec.tokenizer.http.bodies import STRANGERS
from lunasec.tokenizer.http.services import Services

LOG_OUTS: Final = "refused log-outs"

FORM_BYTES: Final = 16 * 1024
"""The longest token, were each of its characters escaped, and room for fields of others."""

MOST_FIELDS: Final = 16
"""One counts; the rest is for others, or for later versions (section 2.5)."""


async def by_provider(request: Request, services: Services) -> Response:
    """End sessions by a log-out token (OpenID Connect Back-Channel Logout 1.0, section 2.5).

    1. The application has an identity provider whose log-outs count.
    2. No browser asks: nothing in one has such a token.
    3. One token, in a form.
    4. It is the provider's, and names whose sessions are over.
    5. It was not used before; what it names ends in the same transaction.
    """
    headers = caller.Fields(request.headers)
    # 1.
    application = caller.application_named(request.path_params["application"], services.settings)
    name = request.scope["lunasec.application"] = application.name
    tokens = services.log_outs.get(name)
    if tokens is None:
        raise NotFound("No identity provider logs this application's users out.")
    # 2.
    _refuse_browsers(headers)
    # 3.
    caller.require_media_type(headers, caller.FORM)
    with services.bodies.hold(STRANGERS, limits.most(headers)):
        text = _only_token(await limits.body(request))
    # 4.
    now = services.clock()
    log_out = await tokens.verify(text, now=now)
    # 5.
    noted = partial(services.budgets.charge_unproven, LOG_OUTS, name, now)
    await services.sessions.log_out(log_out, noted=noted)
    return answer(Done())


def _refuse_browsers(headers: caller.Fields) -> None:
    """Refuse a request of a browser, which says so in more than one header.

    Node's own `fetch`, with which some providers send their word, says `Sec-Fetch-Mode` alone.

    Raises: `BrowserRefused`.
    """
    if headers.getlist("origin") or headers.getlist("sec-fetch-site"):
        raise BrowserRefused("A log-out token comes from the identity provider itself.")


def _only_token(body: bytes) -> str:
    """Take the one `logout_token` out of a form; other fields are none of ours."""
    if len(body) > FORM_BYTES:
        raise TooLarge(f"A log-out is at most {FORM_BYTES} bytes.")
    try:
        fields = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise LogOutInvalid("The body is not a form.") from None
    found = [value for name, value in fields if name == "logout_token"]
    if len(found) != 1:
        raise LogOutInvalid("Send one `logout_token`.")
    return found[0]
