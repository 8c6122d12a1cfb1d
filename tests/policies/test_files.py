"""Policy files: what can not be right in one is refused at the start, with what to write."""

import pytest

from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer.policies import CedarPolicy
from tests.policies.asked import FILE, asking, made_by, policy

OURS = made_by("ada")
SHUT = '@id("legal hold") forbid (principal, action, resource) when { resource.kind == "ssn" };'


NAMES = {
    "a user": ('forbid (principal == User::"mallory", action, resource)', 'User::"mallory"'),
    "a user in a group": ('permit (principal in User::"x", action, resource)', 'User::"x"'),
    "an owner": (
        'forbid (principal, action, resource) when { [User::"ada"].contains(resource.owner) }',
        'User::"ada"',
    ),
    "a user in a record": (
        'forbid (principal, action, resource) when { {annotations: User::"ada"} == {} }',
        'User::"ada"',
    ),
    "a token": ('permit (principal, action, resource == Token::"0")', 'Token::"0"'),
    "an application": (
        'forbid (principal == Application::"payroll", action, resource)',
        'Application::"payroll"',
    ),
}


@pytest.mark.parametrize(("text", "said"), NAMES.values(), ids=NAMES)
def test_t2b_what_nothing_is_called_is_named_by_no_policy(text: str, said: str) -> None:
    """A forbid by such a name would never bite, and a permit by a token's place another token."""
    with pytest.raises(ConfigurationInvalid, match=FILE) as refusal:
        policy(f'@id("by name") {text};')
    assert f'"by name" names {said}' in (refusal.value.detail or "")


def test_a_user_is_named_by_sub() -> None:
    """As the refusal says; texts and annotations are no names, whatever they look like."""
    text = """
    @id("no mallory") @step_up("User")
    forbid (principal is User, action, resource)
    when { principal.sub == "mallory" && {type: "User", id: "x"} == {type: "User", id: "x"} };
    """
    made = policy(text)
    [ruling] = made.rule(asking("mallory"), [made_by("mallory")])
    assert (ruling.allows, ruling.step_up) == (False, True)
    [ruling] = made.rule(asking(), [OURS])
    assert ruling.allows


def test_a_policy_that_can_not_be_read_is_told_by_its_line() -> None:
    """Cedar tells no place; a file may be long, and have semicolons in texts and comments."""
    first = (
        '// of "one; or two\n@id("a") permit (principal, action, resource)\nwhen { "x;" == "y" };'
    )
    for text in ('@id("b") permit (principal, action);', '@id("b") permit (principal'):
        with pytest.raises(ConfigurationInvalid, match="begins in line 5: "):
            policy(f"{first}\n\n{text}")


REFUSED = {
    "a condition without end": (
        f'@id("x") permit (principal, action, resource) when {{ {"true && " * 5000}true }};',
        "nested too deeply",
    ),
    "no policy": ("// later\n", "there is no policy in it"),
    "an annotation that nothing reads": (
        '@id("x") @stepup("again") forbid (principal, action, resource);',
        "@stepup",
    ),
    "a tag that may not be there": (
        '@id("x") forbid (principal, action, resource) when { resource.getTag("f") == "s" };',
        'wants `resource.hasTag("f") && …`',
    ),
    "an age that may not be there": (
        '@id("x") forbid (principal, action, resource) when { context.auth_age > 9 };',
        "wants `context has auth_age && …`",
    ),
    "an owner that may not be there": (
        '@id("x") forbid (principal, action, resource) when { resource.owner == principal };',
        "wants `resource has owner && …`",
    ),
    "not Cedar": ('@id("x") permit (principal, action, resource) when { ; };', "unexpected token"),
    "an unknown attribute": (
        '@id("x") permit (principal is User, action, resource) when { principal.name == "x" };',
        '"x"',
    ),
    "an optional one": (
        '@id("x") permit (principal is User, action, resource) when { principal.acr == "x" };',
        "wants `principal has acr && …`",
    ),
    "an unknown action": (
        '@id("x") permit (principal, action == Action::"write", resource);',
        "write",
    ),
    "two kinds": (
        '@id("x") permit (principal is User, action, resource) when { principal.sub == 1 };',
        '"x"',
    ),
    "a template": ('@id("x") permit (principal == ?principal, action, resource);', "principal"),
    "no name": ("permit (principal, action, resource);", "no @id"),
    "an empty name": ('@id("") permit (principal, action, resource);', "no @id"),
    "the built-in name": ('@id("owner") permit (principal, action, resource);', "built in"),
    "a name that breaks lines": ('@id("a\\nb") permit (principal, action, resource);', "@id"),
    "one name twice": ('@id("x") permit (principal, action, resource);' * 2, "too"),
    "a permit that wants more": (
        '@id("x") @step_up("y") permit (principal, action, resource);',
        "wants a forbid",
    ),
}


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=REFUSED)
def test_what_can_not_be_right_is_refused_at_start(text: str, said: str) -> None:
    """The refusal names the file, and the policy where there is one."""
    with pytest.raises(ConfigurationInvalid, match=FILE) as refusal:
        policy(text)
    assert said in (refusal.value.detail or "")


def test_a_name_belongs_to_one_file() -> None:
    """Two files with the same name in both are refused like one with it twice."""
    with pytest.raises(ConfigurationInvalid, match="other"):
        CedarPolicy({"one": SHUT, "other": SHUT}, issuer="x", tell=print)
