"""Policies as the core asks them: one evaluation for each token, all of a request in one go."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from lunasec.encoding import to_base64url
from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer.core.identity import owner_tag
from lunasec.tokenizer.core.ledger import Record, Session
from lunasec.tokenizer.core.policy import OWNER, Act, Asking, Ruling
from lunasec.tokenizer.policies import cedar
from lunasec.tokenizer.policies.cedar import Json, Outcome
from lunasec.tokenizer.policies.rules import Rule, refuse_twice, rules

# What the project itself allows: who made a token may use it. All else is a file's to say.
_OWNER: Final = (
    "permit (principal is User, action, resource)"
    " when { resource has owner && resource.owner == principal };"
)
_ALL: Final = "permit (principal, action, resource);"

_NOBODY: Final = to_base64url(bytes(32))
"""Whose a token is that is not there: ruling on it takes as long as on any other."""

_REFUSED: Final = Ruling(allows=False, rule=OWNER)
_FAILED: Final = Ruling(allows=False, rule="")

Tell = Callable[[str], None]
"""Hears which policies could not be evaluated: their ids, and nothing of whom or what."""


class CedarPolicy:
    """The policies of one application, and the built-in rule that a token is its owner's.

    Permits add to that rule, and any forbid beats them all. Forbids with `@step_up` are asked apart
    from the others: where they alone say no, a confirmation of who asks would help.
    """

    governs: bool = True

    def __init__(self, files: Mapping[str, str], *, issuer: str, tell: Tell) -> None:
        """Read policies, given by the names of their files, for subjects of one issuer.

        Raises: `ConfigurationInvalid`, with the file and the policy.
        """
        found = [each for name, text in files.items() for each in rules(name, text)]
        refuse_twice(found)
        self._issuer, self._tell = issuer, tell
        self._names = {each.name for each in found}
        self._plain = _set(_OWNER, [each for each in found if not each.step_up])
        fresh = [each for each in found if each.step_up]
        self._fresh = _set(_ALL, fresh) if fresh else None

    def rule(self, asking: Asking, records: Sequence[Record | None]) -> Sequence[Ruling]:
        """Rule on each record, in order: one evaluation for each, all in one go.

        What fails is refused, and told.
        """
        principal = self._principal(asking)
        if principal is None or not records:
            return [_REFUSED] * len(records)
        try:
            return self._ruled(asking, principal, records)
        except Exception as error:  # noqa: BLE001 - in doubt, no; whatever it was
            self._tell(type(error).__name__)
            return [_FAILED] * len(records)

    def _ruled(
        self, asking: Asking, principal: Json, records: Sequence[Record | None]
    ) -> list[Ruling]:
        known = [principal, *(_token(number, each) for number, each in enumerate(records))]
        entities = self._plain.entities(known)
        asked = _requests(asking, principal["uid"], len(records))
        plain = self._plain.evaluate(asked, entities)
        fresh = self._fresh.evaluate(asked, entities) if self._fresh else []
        self._tell_failed([*plain, *fresh])
        first = [_first(each) for each in plain]
        return [*map(_second, first, fresh)] if fresh else first

    def _tell_failed(self, outcomes: Sequence[Outcome]) -> None:
        """Tell of each policy that failed, once; of what Cedar says, nothing else: it may quote."""
        said = {error for each in outcomes for error in each.errors}
        quoted = {word for error in said for word in error.split("`")[1::2]}
        for name in sorted(quoted & self._names) or (["one of them"] if said else []):
            self._tell(name)

    def _principal(self, asking: Asking) -> Json | None:
        """Say who asks; nobody, where no subject was verified or the issuer is another by now."""
        session = asking.session
        if session is None:
            erases = asking.act is Act.ERASE
            return _entity("Application", asking.application, {}) if erases else None
        owner = owner_tag(asking.application, self._issuer, session.subject or "")
        if session.owner != owner:
            return None
        return _entity("User", to_base64url(owner), self._person(asking, session))

    def _person(self, asking: Asking, session: Session) -> Json:
        said = asking.person
        stated: Json = {
            "issuer": self._issuer,
            "sub": session.subject or "",
            "acr": said and said.acr,
            "amr": said.amr if said else (),
            "auth_time": said and said.auth_time,
            "groups": said.groups if said else (),
            "roles": said.roles if said else (),
            "email": said and said.email,
        }
        return {name: each for name, each in stated.items() if each is not None}


def _first(plain: Outcome) -> Ruling:
    """Read what was decided without the forbids that a confirmation would lift.

    Cedar itself leaves out a policy that fails, though it be a forbid; here that refuses.
    """
    if plain.errors:
        return _FAILED
    by_owner = OWNER in plain.reasons or not plain.reasons
    rule = OWNER if by_owner else ", ".join(sorted(plain.reasons))
    return Ruling(allows=plain.allows, rule=rule)


def _second(first: Ruling, fresh: Outcome) -> Ruling:
    """Add what those forbids say to a permission; nothing helps against a refusal."""
    if fresh.errors:
        return _FAILED
    if fresh.allows or not first.allows:
        return first
    return Ruling(allows=False, rule=", ".join(sorted(fresh.reasons)), step_up=True)


def read(setting: str, paths: Sequence[Path], *, issuer: str, tell: Tell) -> CedarPolicy:
    """Read the policies of files.

    Raises: `ConfigurationInvalid`, which begins with the setting.
    """
    files: dict[str, str] = {}
    try:
        for each in paths:
            files[str(each)] = each.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationInvalid(f"{setting}: {error.filename}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigurationInvalid(f"{setting}: {[*paths][len(files)]}: not UTF-8.") from None
    try:
        return CedarPolicy(files, issuer=issuer, tell=tell)
    except ConfigurationInvalid as error:
        raise ConfigurationInvalid(f"{setting}: {error.detail}") from None


def _set(built_in: str, found: Sequence[Rule]) -> cedar.PolicySet:
    """Put policies together under their own names, behind one that is built in."""
    [first] = cedar.parsed(built_in)["staticPolicies"].values()
    return cedar.PolicySet({OWNER: first, **{each.name: each.policy for each in found}})


def _requests(asking: Asking, principal: object, count: int) -> list[Json]:
    context = {"now": asking.now}
    if asking.person is not None and asking.person.auth_time is not None:
        context["auth_age"] = max(0, asking.now - asking.person.auth_time)
    fixed = {
        "principal": principal,
        "action": {"type": "Action", "id": asking.act.value},
        "context": json.dumps(context),
    }
    return [{**fixed, "resource": {"type": "Token", "id": str(each)}} for each in range(count)]


def _token(number: int, record: Record | None) -> Json:
    """Describe a token; its name is its place in the request, since nothing else may be known."""
    owner = _NOBODY if record is None else record.owner and to_base64url(record.owner)
    stated: Json = {
        "kind": "text" if record is None else record.kind,
        "created_at": 0 if record is None else record.created_at,
    }
    if owner:
        stated["owner"] = {"__entity": {"type": "User", "id": owner}}
    entity = _entity("Token", str(number), stated)
    return entity if record is None else {**entity, "tags": dict(record.metadata)}


def _entity(kind: str, name: str, attributes: Json) -> Json:
    return {"uid": {"type": kind, "id": name}, "attrs": attributes, "parents": []}
