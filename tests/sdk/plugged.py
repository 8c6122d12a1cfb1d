"""Good requests to the plugin, to be changed with `dataclasses.replace`, and readers of steps."""

from pathlib import Path
from typing import Any

import msgspec

from lunasec.sdk.fetch_metadata import Headers
from lunasec.sdk.identity import Identity
from lunasec.sdk.plugin import Answer, Identify, Offer, Plugin, PluginRequest
from lunasec.sdk.settings import GivenSettings, read_settings
from lunasec.sdk.wire import Handle
from tests.sdk.scripted import HANDLE, STATE

OWN = "https://app.example.com"
T = "https://secure.example.com"
TARGET = f"{T}/session/create/payroll?handle={HANDLE}"
PAGE: Headers = {
    "sec-fetch-site": ["same-origin"],
    "sec-fetch-dest": ["empty"],
    "sec-fetch-mode": ["no-cors"],
}
SCRIPT: Headers = {**PAGE, "sec-fetch-mode": ["cors"]}
JSON: Headers = {**SCRIPT, "content-type": ["application/json"]}
ADA = Identity(reference="r" * 43, subject="ada", temporary=False)
NEW = Identity(reference="n" * 43, subject=None, temporary=True)
GIVEN = Handle(handle=HANDLE, expires_in=60)

NEEDED: GivenSettings = {"application": "payroll", "key_file": Path("key"), "tokenizer_url": T}
PLUGIN = Plugin(settings=read_settings(NEEDED, {}), public_keys=b'{"keys": []}')
WITH_HEADERS = Plugin(
    settings=read_settings({**NEEDED, "header_sessions": True}, {}), public_keys=b'{"keys": []}'
)

FRAME = PluginRequest(
    method="GET", name="secure-frame", origin=OWN, headers=PAGE, query=[("state", STATE)]
)
DOCUMENT = PluginRequest(
    method="GET",
    name="coordinator",
    origin=OWN,
    headers={**PAGE, "sec-fetch-dest": ["iframe"], "sec-fetch-mode": ["navigate"]},
)
SESSION = PluginRequest(method="GET", name="session", origin=OWN, headers=SCRIPT)
HEADER_SESSION = PluginRequest(
    method="POST",
    name="session",
    origin=OWN,
    headers=JSON,
    body=msgspec.json.encode({"state": STATE}),
)


def code(step: object) -> tuple[int, str]:
    """Give status and code of a refusal."""
    assert isinstance(step, Answer)
    body: dict[str, Any] = msgspec.json.decode(step.body)
    assert step.headers["content-type"] == "application/problem+json"
    assert (body["status"], body["type"]) == (step.status, f"urn:lunasec:problem:{body['code']}")
    return step.status, body["code"]


def offered(step: object, who: Identity = ADA) -> Offer:
    """Take a machine up to its back-channel call."""
    assert isinstance(step, Identify)
    after = step.identified(who)
    assert isinstance(after, Offer)
    return after
