"""Debian's Firefox ESR: sessions and what they show, by cookies of every kind and by none; files.

`network.cookie.cookieBehavior` decides about third-party cookies: 0 takes them, 1 refuses them, 4
refuses those of trackers, 5 (what Firefox comes with) partitions them. Refused ones are refused
partitioned too: on two sites the tokenizer then has none. A permission of the profile denies one
origin whatever it is, which takes the tokenizer's cookies on one site as well.
"""

import asyncio
import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.deployments import CROSS_SITE, SAME_SITE, Demo
from tests.web.conftest import VALIDATORS
from tests.web.site import running_site

HERE = Path(__file__).parent
SECONDS = 240
DENIED = -1
SETTINGS = [
    pytest.param(SAME_SITE, 0, "no", marks=pytest.mark.soak),  # as where they are refused
    (SAME_SITE, 1, "no"),
    (SAME_SITE, DENIED, "yes"),
    pytest.param(CROSS_SITE, 0, "no", marks=pytest.mark.soak),  # as trackers' alone refused
    (CROSS_SITE, 1, "yes"),
    (CROSS_SITE, 4, "no"),
    (CROSS_SITE, 5, "no"),
    (CROSS_SITE, DENIED, "yes"),
]
ELEMENTS = ["fields.test.mjs", "values.test.mjs"]

_PERMISSIONS = """
PRAGMA user_version = 12;
CREATE TABLE moz_perms (id INTEGER PRIMARY KEY, origin TEXT, type TEXT, permission INTEGER,
  expireType INTEGER, expireTime INTEGER, modificationTime INTEGER);
"""
_DENY = "INSERT INTO moz_perms VALUES (1, ?, 'cookie', 2, 0, 0, 0)"


@pytest.mark.parametrize(("demo", "behavior", "cookieless"), SETTINGS, indirect=["demo"])
def test_the_story_in_firefox(demo: Demo, tmp_path: Path, behavior: int, cookieless: str) -> None:
    """Typed, stored, shown, revealed by a click, refused to others, blank after a log-out."""
    if behavior == DENIED:
        with closing(sqlite3.connect(tmp_path / "permissions.sqlite")) as permissions:
            permissions.executescript(_PERMISSIONS)
            permissions.execute(_DENY, (demo.tokenizer,))
            permissions.commit()
    _run("story.test.mjs", demo, tmp_path, behavior=max(behavior, 0), cookieless=cookieless)


@pytest.mark.parametrize("demo", [SAME_SITE], indirect=True)
def test_files_and_groups_in_firefox(demo: Demo, tmp_path: Path) -> None:
    """A file goes up and comes down the same; a group shows its values, and is typed into."""
    _run("gallery.test.mjs", demo, tmp_path, behavior=5, cookieless="no")


@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize("suite", ELEMENTS)
async def test_elements_in_firefox(tmp_path: Path, suite: str) -> None:
    """What a front-end developer depends on: where the caret goes, what is typed, how it looks."""
    profile = tmp_path / "profile"
    profile.mkdir()
    async with running_site(tmp_path, VALIDATORS) as site:
        told = {"SITE": site.origin, "TOKENIZER": site.tokenizer.origin, "PROFILE": str(profile)}
        await asyncio.to_thread(_drive, suite, told)


def _run(suite: str, demo: Demo, profile: Path, *, behavior: int, cookieless: str) -> None:
    told = {
        "APPLICATION": demo.application,
        "TOKENIZER": demo.tokenizer,
        "PROFILE": str(profile),
        "BEHAVIOR": str(behavior),
        "COOKIELESS": cookieless,
    }
    _drive(suite, told)


def _drive(suite: str, told: dict[str, str]) -> None:
    done = subprocess.run(
        ["node", "--test", HERE / suite],  # noqa: S607 - the machine's own Node
        check=False,
        env={**os.environ, **told},
        text=True,
        timeout=SECONDS,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == 0, done.stdout
