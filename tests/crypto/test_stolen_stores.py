"""Who has the database, or the bucket, has nothing: T4 and T5 of the threat model, offline."""

from itertools import permutations

import pytest
from msgspec.structs import replace

from lunasec.errors import RecordDamaged
from lunasec.sealing import open_value
from lunasec.tokenizer import cipher as module
from lunasec.tokenizer.bound import bound_to, outer_data
from lunasec.tokenizer.cipher import Cipher
from lunasec.tokenizer.core.envelope import Envelope
from lunasec.tokenizer.core.keyset import Keyset
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.core.wrapped import Wrapped
from tests.crypto.records import Stored, keyset, made_up, stored


def test_t4_the_database_needs_the_tokens_and_the_key() -> None:
    """T4: neither database and tokens, nor database and key, open a value; all three together do.

    Without the key set, its numbers are known and its keys are not. Without the tokens, everything
    of the right length that is in the database is tried in place of one.
    """
    cipher = Cipher(keyset())
    database = [stored(cipher, f"{each:04}") for each in range(20)]
    stranger = Cipher(keyset("a guess"))
    for one in database:
        assert (
            open_value(
                one.envelope.ciphertext,
                application="payroll",
                kind="ssn",
                dek=cipher.derive(one.token).unwrap(one.envelope, one.wrapped).reveal(),
            )
            == one.text
        )
        for other in database:
            with pytest.raises(RecordDamaged):
                stranger.derive(one.token).unwrap(other.envelope, other.wrapped)
        outer = one.wrapped.wrapped
        lying_about = {one.wrapped.record_id, one.wrapped.commitment, bytes(32)}
        lying_about |= {outer[start : start + 32] for start in range(len(outer) - 31)}
        for guess in lying_about:
            with pytest.raises(RecordDamaged):
                cipher.derive(Token.of(guess)).unwrap(one.envelope, one.wrapped)


def test_t4_record_ids_are_not_linked_to_tokens() -> None:
    """T4: who knows all tokens can't tell which record is whose; each key set names its own way."""
    tokens = [Token.of(made_up(f"token {each}", 32)) for each in range(50)]
    ours, theirs = Cipher(keyset()), Cipher(keyset("other"))
    ids = {ours.record_ids(token)[0] for token in tokens}
    assert len(ids) == 50
    assert ids.isdisjoint({theirs.record_ids(token)[0] for token in tokens})
    assert ids.isdisjoint({token.secret.digest() for token in tokens})
    assert ids.isdisjoint({token.secret.reveal() for token in tokens})


def test_t5_no_two_of_fifty_records_can_be_exchanged() -> None:
    """T5: of 50 records, every pair exchanged in whole or in part does not open."""
    cipher = Cipher(keyset())
    records = [stored(cipher, f"{each:04}") for each in range(50)]
    for one, other in permutations(records, 2):
        swapped = replace(other.wrapped, record_id=one.wrapped.record_id)
        committed = replace(swapped, commitment=one.wrapped.commitment)
        for envelope, wrapped in (
            (other.envelope, other.wrapped),
            (other.envelope, one.wrapped),
            (one.envelope, other.wrapped),
            (one.envelope, swapped),
            (one.envelope, committed),
            (other.envelope, committed),
        ):
            with pytest.raises(RecordDamaged):
                cipher.derive(one.token).unwrap(envelope, wrapped)


def locked_anew(keys: Keyset, one: Stored, envelope: Envelope, forged: Wrapped) -> Wrapped:
    """Do what somebody with the wrap key can: open the outer lock and close it around a forgery."""
    key, lock = module.wrap_key(keys.root, 1), one.wrapped.wrapped
    bound = outer_data(one.wrapped, bound_to(one.envelope))
    inner = module.unseal(key, lock[:12], lock[12:], bound)
    bound = outer_data(forged, bound_to(envelope))
    return replace(forged, wrapped=bytes(12) + module.seal(key, bytes(12), inner, bound))


def test_the_commitment_is_compared_before_anything_is_decrypted() -> None:
    """A record whose locks both open is refused when its commitment is not the token's.

    AES-GCM does not commit to its key: who knows the wrap key could make a record that opens under
    two tokens. The forged one here is locked rightly around a commitment of his choice.
    """
    keys = keyset()
    one = stored(Cipher(keys))
    forged = locked_anew(keys, one, one.envelope, replace(one.wrapped, commitment=bytes(32)))
    with pytest.raises(RecordDamaged, match="not the one of this token"):
        Cipher(keys).derive(one.token).unwrap(one.envelope, forged)


def test_the_wrap_key_alone_moves_nothing() -> None:
    """Who has the wrap key can't move a locked key to another record, value or kind."""
    keys = keyset()
    cipher = Cipher(keys)
    one, other = stored(cipher), stored(cipher, "other")
    same = locked_anew(keys, one, one.envelope, one.wrapped)
    assert cipher.derive(one.token).unwrap(one.envelope, same) == one.dek
    for envelope, forged in (
        (one.envelope, replace(one.wrapped, record_id=other.wrapped.record_id)),
        (other.envelope, one.wrapped),
        (replace(one.envelope, kind="text"), one.wrapped),
        (replace(one.envelope, ciphertext=other.envelope.ciphertext), one.wrapped),
    ):
        moved = locked_anew(keys, one, envelope, forged)
        with pytest.raises(RecordDamaged, match="exchanged"):
            cipher.derive(one.token).unwrap(envelope, moved)
