"""What decides, beside grants, where an application's tokens have owners: as it is configured."""

from typing import Any

import structlog

from lunasec.tokenizer.core.policy import OwnersAlone, Policy
from lunasec.tokenizer.settings import Application

log: Any = structlog.get_logger("lunasec")


def policy(application: Application) -> Policy:
    """Read what decides about the tokens of an application that has ownership.

    Raises: `ConfigurationInvalid`, with the file and what is wrong in it.
    """
    if not application.policies:
        return OwnersAlone()
    from lunasec.tokenizer import policies  # noqa: PLC0415 - Cedar is loaded where it is used

    def tell(which: str) -> None:
        log.error("a policy failed", application=application.name, policy=which)

    setting = f"applications.{application.name}.policies"
    return policies.read(setting, application.policies, issuer=application.issuer, tell=tell)
