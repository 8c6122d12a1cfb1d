"""The server does what `spec/openapi.json` says, whatever is sent to it (schemathesis)."""

import asyncio
from collections.abc import Callable, Generator
from importlib import import_module
from pathlib import Path
from typing import Any, Final, cast

import pytest
from hypothesis import HealthCheck, settings

from lunasec.tokenizer.core.stream import sealed_size
from lunasec.tokenizer.http import budgets
from lunasec.tokenizer.stores.memory import MemoryStore
from tests.http.local import ORIGIN, Local, local
from tests.http.parties import ORIGINS, UNKNOWN, Browser, sealed
from tests.http.sending import plan, stored

Test = Callable[[Any, "Scene", str], None]

# Its types are partly unknown.
schemathesis: Any = import_module("schemathesis")
checks: Any = import_module("schemathesis.specs.openapi.checks")
meta: Any = import_module("schemathesis.generation.meta")
schema: Any = schemathesis.openapi.from_path(Path(__file__).parents[2] / "spec/openapi.json")

# A list that is too long is refused with its own status.
rejection: Any = schema.config.checks.negative_data_rejection
rejection.expected_statuses = [*rejection.expected_statuses, "413"]

POSITIVE: Final = schemathesis.GenerationMode.POSITIVE
CHECKS: Final = (
    import_module("schemathesis.checks").not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
)
each_operation: Callable[[Test], Test] = schema.parametrize()
SIZE: Final = sealed_size(1)
WHO: Final = ("application", "frame", "nobody")


class Scene:
    """A tokenizer, and what each caller sends along."""

    def __init__(self, parties: Local, browser: Browser, token: str, upload: str) -> None:
        """Sign, and log in."""
        self.parties, self.session, self.upload = parties, browser.session, upload
        self.tokens, self.turn = (token, UNKNOWN), 0
        host = {"Host": ORIGIN.removeprefix("http://")}
        credential = parties.credentials["payroll"].token(parties.clock())
        self.headers: dict[str, dict[str, str]] = {
            "nobody": host,
            "application": {**host, "Authorization": f"Bearer {credential}"},
            "frame": {
                **host,
                "Sec-Fetch-Site": "same-origin",
                "Sec-Fetch-Mode": "cors",
                "Sec-Fetch-Dest": "empty",
                "LunaSec-Application": "payroll",
                "Cookie": f"__Host-lunasec-payroll={browser.cookie}",
            },
        }


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Generator[Scene]:
    """Build a tokenizer with budgets that are never used up."""
    folder = tmp_path_factory.mktemp("openapi")
    names = ("grants_per_minute", "erases_per_hour", "values_per_minute", "file_bytes_per_hour")
    most = "\n".join(f"{name} = {10**12}" for name in names)
    with pytest.MonkeyPatch.context() as patch, asyncio.Runner() as runner:
        for name in ("SESSION_REFUSALS", "APPLICATION_REFUSALS", "UNPROVEN", "SESSION_BYTES"):
            patch.setattr(budgets, name, 10**12)
        made = local(folder, MemoryStore(), payroll=most)
        parties = runner.run(made.__aenter__())
        browser = runner.run(parties.visitor())
        token = runner.run(stored(browser, b"123-45-6789"))
        upload = runner.run(plan(browser, SIZE))
        yield Scene(parties, browser, token, upload)
        runner.run(made.__aexit__(None, None, None))


def _asked(case: Any, scene: Scene, who: str) -> None:  # noqa: ANN401 - schemathesis's
    """Send what was made up with what this caller has, and compare the answer with the document."""
    body: object = case.body
    if isinstance(body, dict) and case.meta.generation.mode is POSITIVE:
        _made_real(cast("dict[str, Any]", body), scene)
    spoiled = _spoiled(case)
    headers = {name: value for name, value in scene.headers[who].items() if name not in spoiled}
    if case.path_parameters and "upload" in case.path_parameters:
        _made_real_segment(case, headers, scene)
    response = case.call(app=scene.parties.tokenizer.app, headers=headers)
    case.validate_response(response, checks=list(CHECKS))


def _made_real_segment(case: Any, headers: dict[str, str], scene: Scene) -> None:  # noqa: ANN401
    """Send a segment that there is, more or less often."""
    scene.turn += 1
    if scene.turn % 3 and who_is(headers) and case.meta.generation.mode is POSITIVE:
        case.path_parameters.update({"upload": scene.upload, "index": "0"})
        case.headers["LunaSec-Session"] = scene.session
        case.body = bytes(SIZE)


def who_is(headers: dict[str, str]) -> bool:
    """Say whether a frame asks."""
    return "Cookie" in headers


def _spoiled(case: Any) -> set[str]:  # noqa: ANN401
    """Name the headers that are wrong or missing on purpose; a caller's own would mend them."""
    wrong = meta.negated_parameters(case.meta)
    return {"Cookie" if location.value == "cookie" else name for name, location in wrong}


def _made_real(body: dict[str, Any], scene: Scene) -> None:
    """Put in what nobody can make up, so that there are good answers too; more or less often."""
    if scene.turn % 4:
        body.update({"session": scene.session} if "session" in body else {})
    if scene.turn % 3 and isinstance(body.get("tokens"), list):
        body["tokens"] = [scene.tokens[scene.turn % 2]] * min(len(body["tokens"]), 3)
    if scene.turn % 3 and "origin" in body:
        body["origin"] = ORIGINS["payroll"]
    if scene.turn % 3 and "values" in body:
        body["values"] = [sealed("x")]
    if scene.turn % 3 and "size" in body:
        body["size"] = SIZE
    if scene.turn % 3 and "token" in body:
        body["token"] = scene.tokens[scene.turn % 2]
    if scene.turn % 3 and "upload" in body:
        body["upload"] = scene.upload
    scene.turn += 1


@pytest.mark.parametrize("who", WHO)
@each_operation
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_answers_are_as_documented(case: Any, scene: Scene, who: str) -> None:  # noqa: ANN401
    """A short run: no server error, no undocumented answer, nothing wrong that is accepted."""
    _asked(case, scene, who)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("who", WHO)
@each_operation
@settings(
    max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_answers_are_as_documented_for_long(case: Any, scene: Scene, who: str) -> None:  # noqa: ANN401
    """The same for longer."""
    _asked(case, scene, who)
