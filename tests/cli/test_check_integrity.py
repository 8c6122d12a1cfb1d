"""`lunasec check --integrity`: the hashes of what pages load, and whether that is served."""

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest

from tests.cli.answering import Answer, answering, passing_on
from tests.cli.checking import Serving


def _map(text: str) -> dict[str, str]:
    found = re.search(r'<script type="importmap">\n(.*?)</script>', text, re.DOTALL)
    assert found is not None
    hashes: dict[str, str] = json.loads(found[1])["integrity"]
    return hashes


def test_hashes_are_those_of_what_is_served(serving: Serving) -> None:
    """Each module that a page loads is in the map with its hash; the tag has the entry's."""
    done = serving.check("--integrity")
    assert "every module that a page loads is served as it was installed" in done.out
    hashes = _map(done.out)
    names = {each.partition("/assets/")[2].partition("/")[2] for each in hashes}
    assert {"elements/lunasec.js", "elements/group.js", "frame/messages.js"} <= names
    assert "frame/session.js" not in names
    for address, stated in hashes.items():
        path = "/" + address.split("/", 3)[3]
        body = httpx.get(f"http://127.0.0.1:{serving.port}{path}").content
        assert stated == f"sha384-{b64encode(hashlib.sha384(body).digest()).decode()}"
    entry = next(each for each in hashes if each.endswith("elements/lunasec.js"))
    assert f'src="{entry}"\n  integrity="{hashes[entry]}"' in done.out


def _adds_a_line(path: str, answer: Answer) -> Answer:
    changed = path.endswith("/elements/element.js")
    return replace(answer, body=answer.body + b"\n//x") if changed else answer


def _loses(path: str, answer: Answer) -> Answer:
    return Answer(status=404) if path.endswith("/elements/element.js") else answer


@pytest.mark.parametrize("change", [_adds_a_line, _loses])
def test_a_module_that_was_changed_is_found(
    serving: Serving, change: Callable[[str, Answer], Answer]
) -> None:
    """What stands in front and changes one byte of one module is found, and named."""
    with answering(passing_on(serving.port, change)) as port:
        done = serving.check("--integrity", origin=f"http://secure.lunasec.localhost:{port}")
    assert done.code == 1
    assert re.search(r"elements/element\.js is not what this installation has", done.out)
    assert "group.js is not" not in done.out


def test_offline_prints_without_asking(serving: Serving) -> None:
    """Without asking anybody, the hashes are printed, and nothing is said of what is served."""
    done = serving.check("--integrity", "--offline")
    assert _map(done.out)
    assert "is served as it was installed" not in done.out
