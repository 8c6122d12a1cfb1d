"""`lunasec policy`: cases, decided as the tokenizer would decide them."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from lunasec.cli import policy_cases
from lunasec.cli.policy_cases import Case
from lunasec.cli.times import counted
from lunasec.errors import ConfigurationInvalid
from lunasec.tokenizer import ownership
from lunasec.tokenizer.core.policy import OWNER, Ruling
from lunasec.tokenizer.settings import Application, Settings

Decided = tuple[Path, Case, Ruling]


def try_cases(settings: Settings, name: str | None, files: Sequence[Path]) -> tuple[str, bool]:
    """Decide cases, and say of those that end otherwise than expected how; and if none does."""
    decided = [*_decided(_application(settings, name), files)]
    wrong = [each for each in decided if not _is_expected(each[1], each[2])]
    lines = [f"{file}: {case.name}: {_difference(case, ruling)}" for file, case, ruling in wrong]
    fine = len(decided) - len(wrong)
    total = f"{fine} of {counted(len(decided), 'case', 'cases')} as expected."
    return "".join(f"{each}\n" for each in (*lines, total)), not wrong


def explain(settings: Settings, name: str | None, files: Sequence[Path], wanted: str | None) -> str:
    """Say of each case what is decided and by which rule.

    Raises: `ConfigurationInvalid` where there is no case of the name that is wanted.
    """
    decided = [*_decided(_application(settings, name), files)]
    chosen = [(case, ruling) for _, case, ruling in decided if wanted in {None, case.name}]
    if not chosen:
        known = ", ".join(f'"{case.name}"' for _, case, _ in decided)
        raise ConfigurationInvalid(f'--case: there is no "{wanted}", only {known}.')
    return "".join(f"{case.name}: {_outcome(ruling)}, {_why(ruling)}\n" for case, ruling in chosen)


def _decided(application: Application, files: Iterable[Path]) -> Iterator[Decided]:
    policy = ownership.policy(application)
    issuer = application.issuer
    for file in files:
        for case in policy_cases.read(file):
            asking = case.asking(application.name, issuer)
            [ruling] = policy.rule(asking, [case.record(application.name, issuer)])
            yield file, case, ruling


def _application(settings: Settings, name: str | None) -> Application:
    """Find the application that is meant.

    Raises: `ConfigurationInvalid` where it has no ownership, or nothing says which one it is.
    """
    owned = {each.name: each for each in settings.applications.values() if each.ownership}
    if name in owned:
        return owned[name]
    if name is None and len(owned) == 1:
        return next(iter(owned.values()))
    known = ", ".join(owned) or "none"
    raise ConfigurationInvalid(
        f"--application: got {name or 'nothing'}, wants one of those with"
        f' ownership = "required": {known}.'
    )


def _outcome(ruling: Ruling) -> str:
    if ruling.allows:
        return "permit"
    return "step_up" if ruling.step_up else "deny"


def _is_expected(case: Case, ruling: Ruling) -> bool:
    return case.expect == _outcome(ruling) and case.rule in {None, ruling.rule}


def _difference(case: Case, ruling: Ruling) -> str:
    by = "" if case.rule is None else f' by "{case.rule}"'
    return f"expected {case.expect}{by}, got {_outcome(ruling)}, {_why(ruling)}"


def _why(ruling: Ruling) -> str:
    if not ruling.rule:
        return "since a policy failed"
    if ruling.rule != OWNER:
        return f'by "{ruling.rule}"'
    return 'by "owner", which is built in' if ruling.allows else 'by "owner": no policy permits it'
