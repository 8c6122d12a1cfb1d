"""Cedar policies; here alone `cedarpy` is used."""

from lunasec.tokenizer.policies.evaluation import CedarPolicy, read

__all__ = ["CedarPolicy", "read"]
