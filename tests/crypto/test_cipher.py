"""A value's key opens with its token, its ciphertext and the key set, and never otherwise."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from lunasec.encoding import from_base64url
from lunasec.errors import RecordDamaged
from lunasec.tokenizer import cipher as module
from lunasec.tokenizer.bound import bound_to, outer_data
from lunasec.tokenizer.cipher import Cipher
from lunasec.tokenizer.core.envelope import Envelope
from lunasec.tokenizer.core.keyset import Epoch, Keyset, rotated
from lunasec.tokenizer.core.secret import Secret
from lunasec.tokenizer.core.tokens import Token
from lunasec.tokenizer.core.wrapped import Wrapped
from tests.crypto.records import NOW, keyset, stored
from tests.crypto.vectors import Case, vectors

VECTORS = vectors("record")


def flipped(data: bytes) -> Iterator[bytes]:
    """Give every way to flip one bit."""
    for place in range(len(data)):
        for bit in range(8):
            yield data[:place] + bytes((data[place] ^ 1 << bit,)) + data[place + 1 :]


def vector_keyset() -> Keyset:
    """Read the key set of the vectors."""
    stated = VECTORS["keyset"]
    lookup, wrap = (Epoch(number=stated[kind], created_at=NOW) for kind in ("lookup", "wrap"))
    root = Secret(from_base64url(stated["root"]))
    return Keyset(id="vectors", root=root, lookup=lookup, wrap=wrap)


def vector_envelope() -> Envelope:
    """Read the value of the vectors."""
    value = VECTORS["value"]
    return Envelope.parse(
        from_base64url(value["ciphertext"]), application=value["application"], kind=value["kind"]
    )


def wrapped_of(case: Case) -> Wrapped:
    """Read one record of the vectors."""
    return Wrapped(
        record_id=from_base64url(case["record_id"]),
        lookup_version=case["lookup_version"],
        epoch=case["epoch"],
        commitment=from_base64url(case["commitment"]),
        wrapped=from_base64url(case["wrapped"]),
    )


TOKEN = Token.parse(VECTORS["token"])
DEK = Secret(from_base64url(VECTORS["value"]["key"]))


def test_vectors_are_derived() -> None:
    """From the root, the key of each number is the one that another program derived."""
    root = vector_keyset().root
    for kind, derive in (("lookup", module.lookup_key), ("wrap", module.wrap_key)):
        for row in VECTORS["derived"][kind]:
            assert derive(root, row["number"]).reveal() == from_base64url(row["key"])


@pytest.mark.parametrize(
    "case", VECTORS["valid"], ids=lambda case: f"{case['lookup_version']}-{case['epoch']}"
)
def test_vectors_open(case: Case) -> None:
    """Records of every lookup version and epoch open to the value's key."""
    assert Cipher(vector_keyset()).derive(TOKEN).unwrap(vector_envelope(), wrapped_of(case)) == DEK


@pytest.mark.parametrize("case", VECTORS["invalid"], ids=lambda case: case["why"])
def test_vectors_are_refused(case: Case) -> None:
    """A record with any one field changed is refused with its code."""
    with pytest.raises(RecordDamaged) as caught:
        Cipher(vector_keyset()).derive(TOKEN).unwrap(vector_envelope(), wrapped_of(case))
    assert caught.value.code == case["error"]


def test_vectors_are_written() -> None:
    """With the vectors' nonces, a record is written byte by byte as another program wrote it."""
    nonces = iter([from_base64url(each) for each in VECTORS["nonces"]])
    cipher = Cipher(vector_keyset(), random=lambda _: next(nonces))
    assert cipher.wrap(TOKEN, DEK, vector_envelope()) == wrapped_of(VECTORS["valid"][-1])
    assert list(cipher.record_ids(TOKEN)) == list(map(from_base64url, VECTORS["record_ids"]))


def test_every_bit_of_a_record_counts() -> None:
    """A record in which any single bit was flipped does not open, and can't be rewrapped."""
    keys = keyset()
    one = stored(Cipher(keys))
    cipher = Cipher(rotated(keys, NOW))
    damaged = [replace(one.wrapped, record_id=each) for each in flipped(one.wrapped.record_id)]
    damaged += [replace(one.wrapped, commitment=each) for each in flipped(one.wrapped.commitment)]
    damaged += [replace(one.wrapped, wrapped=each) for each in flipped(one.wrapped.wrapped)]
    assert len(damaged) == 8 * (32 + 32 + 88)
    for each in damaged:
        with pytest.raises(RecordDamaged):
            cipher.derive(one.token).unwrap(one.envelope, each)
        with pytest.raises(RecordDamaged):
            cipher.rewrap(one.envelope, each)


def test_every_bit_of_the_value_counts() -> None:
    """A record does not open for a ciphertext in which any single bit was flipped."""
    cipher = Cipher(keyset())
    one = stored(cipher)
    for ciphertext in flipped(one.envelope.ciphertext):
        with pytest.raises(RecordDamaged):
            cipher.derive(one.token).unwrap(
                replace(one.envelope, ciphertext=ciphertext), one.wrapped
            )


def test_a_record_is_bound_to_its_value() -> None:
    """Under another application, kind, size class or value id the same record does not open."""
    cipher = Cipher(keyset())
    one = stored(cipher)
    for other in (
        replace(one.envelope, application="payrol"),
        replace(one.envelope, kind="sn"),
        replace(one.envelope, application="payrolls", kind="sn"),
        replace(one.envelope, buckets=2),
        replace(one.envelope, value_id=bytes(16)),
    ):
        with pytest.raises(RecordDamaged):
            cipher.derive(one.token).unwrap(other, one.wrapped)


@pytest.mark.parametrize("length", [0, 1, 59, 60, 87, 89, 176])
def test_a_record_of_another_length_is_refused(length: int) -> None:
    """A locked key that was cut off or grew is refused like any other damage."""
    cipher = Cipher(keyset())
    one = stored(cipher)
    with pytest.raises(RecordDamaged):
        cipher.derive(one.token).unwrap(
            one.envelope,
            replace(one.wrapped, wrapped=(one.wrapped.wrapped * 2)[:length]),
        )


@pytest.mark.parametrize("number", [-(2**40), -1, 0, 2, 16, 17, 2**32 - 1, 2**32, 2**64])
def test_unknown_keys_are_damage(number: int) -> None:
    """A record that names a lookup version or epoch that is not there is refused, not an error."""
    cipher = Cipher(keyset())
    one = stored(cipher)
    for damaged in (
        replace(one.wrapped, lookup_version=number),
        replace(one.wrapped, epoch=number),
    ):
        with pytest.raises(RecordDamaged):
            cipher.derive(one.token).unwrap(one.envelope, damaged)
    with pytest.raises(RecordDamaged):
        cipher.rewrap(one.envelope, replace(one.wrapped, epoch=number))


def test_the_outer_lock_is_renewed_without_the_token() -> None:
    """After rewrapping, the new epoch alone opens the record, and its name is the same."""
    keys = keyset()
    one = stored(Cipher(keys))
    newer = Cipher(rotated(rotated(keys, NOW), NOW))
    rewrapped = newer.rewrap(one.envelope, one.wrapped)
    assert rewrapped.epoch == 3
    assert replace(rewrapped, epoch=1, wrapped=b"") == replace(one.wrapped, wrapped=b"")
    lock, bound = rewrapped.wrapped, bound_to(one.envelope)
    for number in range(1, 6):
        key, data = module.wrap_key(keys.root, number), outer_data(rewrapped, bound)
        if number == 3:
            assert module.unseal(key, lock[:12], lock[12:], data)
        else:
            with pytest.raises(ValueError, match="not sealed"):
                module.unseal(key, lock[:12], lock[12:], data)
    assert newer.derive(one.token).unwrap(one.envelope, rewrapped) == one.dek
    assert newer.rewrap(one.envelope, rewrapped) is rewrapped


def test_the_inner_lock_is_not_opened_by_any_outer_key() -> None:
    """What is inside the outer lock is neither the value's key nor anything that holds it."""
    keys = keyset()
    one = stored(Cipher(keys))
    wrap = module.wrap_key(keys.root, 1)
    inner = module.unseal(
        wrap,
        one.wrapped.wrapped[:12],
        one.wrapped.wrapped[12:],
        outer_data(one.wrapped, bound_to(one.envelope)),
    )
    assert one.dek.reveal() not in inner
    with pytest.raises(ValueError, match="not sealed"):
        module.unseal(wrap, inner[:12], inner[12:], b"")


def test_keys_have_nothing_in_common() -> None:
    """Of two roots, the keys of all lookup versions and of 1,000 epochs are different."""
    derived: set[bytes] = set()
    for root in (keyset().root, keyset("other").root):
        derived |= {root.reveal()}
        derived |= {module.lookup_key(root, number).reveal() for number in range(1, 17)}
        derived |= {module.wrap_key(root, number).reveal() for number in range(1, 1001)}
    assert len(derived) == 2 * (1 + 16 + 1000)


def test_no_nonce_is_used_twice() -> None:
    """Each lock draws its own nonce; wrapping the same key twice gives two different records."""
    cipher = Cipher(keyset())
    one = stored(cipher)
    records = [cipher.wrap(one.token, one.dek, one.envelope) for _ in range(200)]
    assert len({each.wrapped[:12] for each in records}) == 200


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_size_is_not_wrapped(length: int) -> None:
    """Only 256-bit keys are stored."""
    cipher = Cipher(keyset())
    one = stored(cipher)
    with pytest.raises(ValueError, match="32 bytes"):
        cipher.wrap(one.token, Secret(bytes(length)), one.envelope)


def test_what_is_derived_from_a_token_has_nothing_in_common() -> None:
    """Record id, token key and commitment are different, and so are those of another token."""
    lookup = module.keyed(module.lookup_key(keyset().root, 1).reveal())
    prks = [module.extract(lookup, Token.of(bytes((n,)) * 32)) for n in (1, 2)]
    labels = (module.RECORD_ID, module.TOKEN_KEY, module.COMMITMENT)
    assert (
        len(
            {module.expand(module.keyed(prk), label) for prk in prks for label in labels}
            | set(prks)
        )
        == 8
    )
