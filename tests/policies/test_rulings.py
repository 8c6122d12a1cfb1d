"""Policies: what they permit beside the owner, what they forbid, and what lifts that."""

from typing import Any

import pytest

from lunasec.tokenizer.core.identity import owner_tag
from lunasec.tokenizer.core.policy import Act, Asking, OwnersAlone, Ruling
from tests.policies.asked import asking, made_by, policy
from tests.stores.made_up import APPLICATION, NOW, session

SUPPORT = """
@id("support reads names")
permit (principal is User, action == Action::"read", resource)
when { principal.groups.contains("support") && resource.kind == "text" };
"""
SHUT = '@id("legal hold") forbid (principal, action, resource) when { resource.kind == "ssn" };'
FRESH = """
@id("fresh")
@step_up("log in again")
forbid (principal, action == Action::"read", resource)
unless { context has auth_age && context.auth_age <= 300 };
"""
OURS, THEIRS, NOBODYS = made_by("ada"), made_by("eve"), made_by(None)
YES, NO = Ruling(allows=True, rule="owner"), Ruling(allows=False, rule="owner")


@pytest.mark.parametrize("which", [OwnersAlone(), policy(""), policy(SUPPORT)])
@pytest.mark.parametrize("act", list(Act))
def test_a_token_is_its_owners(which: OwnersAlone, act: Act) -> None:
    """Without a policy that says more, whoever made it may do everything, and nobody else."""
    records = [OURS, THEIRS, NOBODYS, None]
    assert [*which.rule(asking(act=act), records)] == [YES, NO, NO, NO]
    assert [*which.rule(asking("eve", act=act), records)] == [NO, YES, NO, NO]


@pytest.mark.parametrize("which", [OwnersAlone(), policy(SUPPORT)])
@pytest.mark.parametrize("act", list(Act))
def test_who_was_not_verified_owns_nothing(which: OwnersAlone, act: Act) -> None:
    """A session whose subject an application stated, and a request without a session: no."""
    stated = Asking(application=APPLICATION, session=session(subject="ada"), act=act, now=NOW)
    for who in (stated, asking(None, act=act)):
        assert [*which.rule(who, [OURS, NOBODYS, None])] == [NO] * 3


def test_an_owner_is_one_of_one_application_and_issuer() -> None:
    """The same `sub` of another issuer, or in another application, is somebody else."""
    tags = {
        owner_tag(*each)
        for each in (("a", "b", "c"), ("ab", "", "c"), ("a", "bc", ""), ("", "a", "bc"))
    }
    assert len(tags) == 4
    other = made_by("ada", application="clinic")
    assert [*OwnersAlone().rule(asking(), [other])] == [NO]
    elsewhere = session(subject="ada", owner=owner_tag(APPLICATION, "https://other", "ada"))
    who = Asking(application=APPLICATION, session=elsewhere, act=Act.READ, now=NOW)
    assert [*policy("").rule(who, [OURS, made_by(None)])] == [NO, NO]


def test_a_policy_permits_more() -> None:
    """It names itself; the owner's own rule goes before it."""
    rulings = policy(SUPPORT).rule(
        asking(groups=("support",)), [OURS, made_by("eve", kind="text"), THEIRS, NOBODYS]
    )
    by_policy = Ruling(allows=True, rule="support reads names")
    assert [*rulings] == [YES, by_policy, NO, NO]
    assert [*policy(SUPPORT).rule(asking(), [made_by("eve", kind="text")])] == [NO]
    for act in (Act.COPY, Act.DESCRIBE, Act.ERASE):
        who = asking(act=act, groups=("support",))
        assert [*policy(SUPPORT).rule(who, [made_by("eve", kind="text")])] == [NO]


def test_a_forbid_beats_all() -> None:
    """The owner's rule too; and no confirmation lifts it, whatever else wants one."""
    shut = Ruling(allows=False, rule="legal hold")
    for text in (SHUT, SHUT + SUPPORT, SHUT + FRESH):
        assert [*policy(text).rule(asking(), [OURS, THEIRS])] == [shut, shut]


@pytest.mark.parametrize(("age", "lifted"), [(0, True), (300, True), (301, False), (None, False)])
def test_a_confirmation_lifts_what_says_so(age: int | None, *, lifted: bool) -> None:
    """Only where it is all that stands in the way: to whoever may not anyway, it is one more no."""
    at = None if age is None else NOW - age
    wanted = Ruling(allows=False, rule="fresh", step_up=True)
    rulings = policy(FRESH).rule(asking(auth_time=at), [OURS, THEIRS, NOBODYS, None])
    assert [*rulings] == [YES if lifted else wanted, NO, NO, NO]
    describes = policy(FRESH).rule(asking(act=Act.DESCRIBE, auth_time=at), [OURS])
    assert [*describes] == [YES]


def test_a_clock_ahead_of_ours_is_no_older() -> None:
    """A log-in that the identity provider's clock puts a little later is one of this moment."""
    assert [*policy(FRESH).rule(asking(auth_time=NOW + 20), [OURS])] == [YES]


ASKS = {
    "acr": ('principal has acr && principal.acr == "phr"', {"acr": "phr"}),
    "amr": ('principal.amr.contains("otp")', {"amr": ("pwd", "otp")}),
    "roles": ('principal.roles.contains("nurse")', {"roles": ("nurse",)}),
    "email": (
        'principal has email && principal.email like "*@example.com"',
        {"email": "a@example.com"},
    ),
    "time": ("principal has auth_time && principal.auth_time < context.now", {"auth_time": 1}),
}


@pytest.mark.parametrize(("condition", "said"), ASKS.values(), ids=ASKS)
def test_policies_ask_what_the_proxy_says(condition: str, said: dict[str, Any]) -> None:
    """Each claim can be asked for, and is not there unless the proxy's token says it."""
    text = f'@id("x") permit (principal is User, action, resource) when {{ {condition} }};'
    assert [*policy(text).rule(asking(**said), [THEIRS])] == [Ruling(allows=True, rule="x")]
    assert [*policy(text).rule(asking(), [THEIRS])] == [NO]


def test_policies_ask_who_and_what() -> None:
    """The subject, the issuer, the kind, the age and the metadata of a token."""
    text = """
    @id("x") permit (principal is User, action, resource)
    when {
      principal.sub == "ada" && principal.issuer == "https://proxy.example.com"
      && resource.created_at + 60 > context.now
      && resource.hasTag("team") && resource.getTag("team") == "a"
    };
    """
    team = (("team", "a"), ("__entity", "x"), ("__extn", ""), ("", '"};'))
    assert [
        each.allows
        for each in policy(text).rule(
            asking(),
            [
                made_by("eve", metadata=team),
                made_by(None, metadata=team),
                made_by("eve", metadata=(("team", "b"),)),
                made_by("eve"),
                made_by("eve", metadata=team, created_at=NOW - 60),
            ],
        )
    ] == [True, True, False, False, False]


def test_the_application_itself_erases_by_a_policy_alone() -> None:
    """In nobody's name it reads and describes nothing, whatever a policy permits."""
    text = '@id("tidy") permit (principal is Application, action, resource);'
    for act in Act:
        allowed = [each.allows for each in policy(text).rule(asking(None, act=act), [OURS])]
        assert allowed == [act is Act.ERASE]


@pytest.mark.parametrize("effect", ["permit", "forbid"])
@pytest.mark.parametrize("step_up", ["", '@step_up("x")'])
def test_what_fails_is_refused(effect: str, step_up: str) -> None:
    """Cedar leaves out a policy that fails; here it says no, to the owner too, and is told."""
    if effect == "permit" and step_up:
        return
    told: list[str] = []
    text = (
        f'@id("over") {step_up} {effect} (principal, action, resource)'
        " when { context.now * 9223372036854775807 > resource.created_at };"
    )
    rulings = policy(text, told).rule(asking(), [OURS, THEIRS, None])
    assert [each.allows for each in rulings] == [False] * 3
    assert not any(each.step_up for each in rulings)
    assert told == ["over"]  # once, however many tokens were asked for


def test_what_cedar_does_not_take_is_refused() -> None:
    """A text that is none in JSON opens nothing, and stops nothing."""
    told: list[str] = []
    rulings = policy("", told).rule(asking(), [OURS, made_by("ada", metadata=(("\ud800", ""),))])
    assert [each.allows for each in rulings] == [False, False]
    assert told == ["ValueError"]


def test_a_thousand_at_once() -> None:
    """Each gets its own ruling, in its place."""
    records = [(OURS, THEIRS, None)[number % 3] for number in range(1000)]
    rulings = policy(SUPPORT + FRESH).rule(asking(auth_time=NOW), records)
    assert [each.allows for each in rulings] == [number % 3 == 0 for number in range(1000)]
