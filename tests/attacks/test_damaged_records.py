"""T5: a record that somebody changed in the store opens for nobody, and takes nobody else along."""

from typing import Final

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from lunasec.tokenizer.stores.memory import MemoryStore
from tests.http.local import Local
from tests.http.parties import Browser

PARTS: Final = ("ciphertext", "wrapped", "commitment", "exchanged")


@pytest.mark.parametrize("part", PARTS)
async def test_t5_a_damaged_record_is_refused_alone(
    parties: Local, victim: Browser, part: str
) -> None:
    """Of three values, the damaged one is refused like any other, and the operator is told."""
    tokens = await victim.store("1", "2", "3")
    await parties.grant(victim.session, tokens)
    store = parties.tokenizer.store
    assert isinstance(store, MemoryStore)
    _, second, third = store.records
    record = store.records[second]
    if part == "ciphertext":
        ciphertext = store.ciphertexts[second]
        store.ciphertexts[second] = ciphertext[:-1] + bytes([ciphertext[-1] ^ 1])
    elif part == "exchanged":
        store.ciphertexts[second] = store.ciphertexts[third]
    elif part == "wrapped":
        key = replace(record.key, wrapped=bytes(len(record.key.wrapped)))
        store.records[second] = replace(record, key=key)
    else:
        key = replace(record.key, commitment=bytes(32))
        store.records[second] = replace(record, key=key)
    with capture_logs() as logs:
        assert await victim.read(*tokens) == ["1", None, "3"]
    told = [each for each in logs if each["event"] == "damaged record"]
    assert [each["record"] for each in told] == [second.hex()]
