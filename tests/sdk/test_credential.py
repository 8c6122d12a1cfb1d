"""The application's credential."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from lunasec.errors import KeyFileDamaged
from lunasec.sdk.credential import LIFETIME, SPARE, Credential, read_credential
from tests.sdk.conftest import ORIGIN, write_key

NOW = 1_900_000_000
ED25519 = OKPKey.generate_key("Ed25519", {"kid": "payroll-1"})
P256 = ECKey.generate_key("P-256", {"kid": "payroll-2"})


def _credential(key: OKPKey | ECKey = ED25519) -> Credential:
    return Credential(key, application="payroll", audience=ORIGIN)


@pytest.mark.parametrize(("key", "algorithm"), [(ED25519, "EdDSA"), (P256, "ES256")])
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
def test_says_what_the_protocol_states(key: OKPKey | ECKey, algorithm: str) -> None:
    """A signed JWT with `typ`, `iss`, `aud`, `iat` and an `exp` 5 minutes later; nothing else."""
    text = _credential(key).token(NOW + 0.9)
    decoded = jwt.decode(text, key, algorithms=[algorithm])
    assert decoded.header == {"alg": algorithm, "kid": key.kid, "typ": "lunasec-app+jwt"}
    times = {"iat": NOW, "exp": NOW + 300}
    assert decoded.claims == {"iss": "payroll", "aud": ORIGIN, **times}


def test_one_is_reused_until_30_seconds_before_its_end() -> None:
    """The same token comes back for 270 seconds, and a new one from then on."""
    credential = _credential()
    first = credential.token(NOW)
    assert all(credential.token(NOW + after) == first for after in (0, 1, 269, 269.99))
    assert credential.token(NOW + 270) != first


@hypothesis_given(st.lists(st.floats(NOW - 10_000, NOW + 10_000), min_size=1, max_size=20))
def test_every_one_is_good_when_it_is_given(times: list[float]) -> None:
    """However the clock goes, also backwards, a token is never from the future nor near its end."""
    credential = _credential()
    for now in times:
        claims = _claims(credential.token(now))
        assert claims["iat"] <= now < claims["exp"] - SPARE
        assert claims["exp"] - claims["iat"] == LIFETIME


def _claims(token: str) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(jws.extract_compact(token.encode()).payload)
    return payload


def test_public_keys_hold_nothing_private() -> None:
    """The JWK Set has the public half, the id that tokens name, and the algorithm."""
    for key, algorithm in ((ED25519, "EdDSA"), (P256, "ES256")):
        (shown,) = json.loads(_credential(key).public_keys())["keys"]
        assert (shown["kid"], shown["alg"], shown["use"]) == (key.kid, algorithm, "sig")
        assert set(shown) <= {"kty", "crv", "x", "y", "kid", "alg", "use"}


def test_a_key_without_an_id_gets_its_thumbprint(tmp_path: Path) -> None:
    """Without `kid` in the file, tokens and the JWK Set name the key's thumbprint (RFC 7638)."""
    key = OKPKey.generate_key("Ed25519", auto_kid=False)
    stated = key.as_dict(private=True)
    path = tmp_path / "key"
    path.touch(mode=0o600)
    path.write_text(json.dumps({k: v for k, v in stated.items() if k != "kid"}))
    credential = read_credential(path, application="payroll", audience=ORIGIN)
    (shown,) = json.loads(credential.public_keys())["keys"]
    assert shown["kid"] == key.thumbprint()


def test_what_else_a_key_file_states_is_passed_over(tmp_path: Path) -> None:
    """`alg`, `use` and `key_ops` in the file decide nothing: the curve does."""
    stated = {**ED25519.as_dict(private=True), "alg": "HS256", "use": "enc", "key_ops": ["wrap"]}
    path = tmp_path / "key"
    path.touch(mode=0o600)
    path.write_text(json.dumps(stated))
    token = read_credential(path, application="payroll", audience=ORIGIN).token(NOW)
    assert jws.extract_compact(token.encode()).headers()["alg"] == "EdDSA"


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o644, 0o660, 0o666, 0o601, 0o610])
def test_refuses_a_key_that_others_can_use(tmp_path: Path, mode: int) -> None:
    """A key file that another user may read, write or run is refused, with the way to right it."""
    path = write_key(tmp_path / "key", ED25519)
    path.chmod(mode)
    with pytest.raises(KeyFileDamaged, match=f"mode {mode:04o}.*chmod 600"):
        read_credential(path, application="payroll", audience=ORIGIN)


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_takes_a_key_that_only_its_owner_can_use(tmp_path: Path, mode: int) -> None:
    """Modes without any right for others are fine."""
    path = write_key(tmp_path / "key", ED25519)
    path.chmod(mode)
    assert read_credential(path, application="payroll", audience=ORIGIN).token(NOW)


KEY = ED25519.as_dict(private=True)
SECRET = str(KEY["d"])


NO_KEYS = {
    "empty": b"",
    "null": b"null",
    "list": b"[]",
    "string": b'"text"',
    "cut": b"{",
    "not-utf-8": b"\xff\xfe",
    "pem": b"-----BEGIN PRIVATE KEY-----",
    "short-x": json.dumps({**KEY, "x": "AAAA"}).encode(),
    "other-x": json.dumps({**KEY, "x": OKPKey.generate_key("Ed25519").as_dict()["x"]}).encode(),
    "other-d": json.dumps({**P256.as_dict(private=True), "d": SECRET}).encode(),
    "short-d": json.dumps({**KEY, "d": SECRET[:-4]}).encode(),
    "no-base64": json.dumps({**KEY, "d": f"{SECRET[:-4]}!"}).encode(),
    "other-curve": json.dumps({**KEY, "crv": "Ed448"}).encode(),
    "other-kind": json.dumps({**KEY, "kty": "oct"}).encode(),
    "no-kind": json.dumps({**KEY, "kty": 7}).encode(),
    "public": json.dumps(ED25519.as_dict(private=False)).encode(),
    "x25519": json.dumps(OKPKey.generate_key("X25519").as_dict(private=True)).encode(),
    "p-384": json.dumps(ECKey.generate_key("P-384").as_dict(private=True)).encode(),
    "rsa": json.dumps(RSAKey.generate_key(2048).as_dict(private=True)).encode(),
    "symmetric": json.dumps(OctKey.generate_key(256).as_dict(private=True)).encode(),
}


@pytest.mark.parametrize("content", NO_KEYS.values(), ids=NO_KEYS)
def test_refuses_what_is_no_key_for_this(tmp_path: Path, content: bytes) -> None:
    """A damaged, public, or other kind of key is refused by the file's name, and is not quoted."""
    path = tmp_path / "payroll.key"
    path.touch(mode=0o600)
    path.write_bytes(content)
    with pytest.raises(KeyFileDamaged) as refused:
        read_credential(path, application="payroll", audience=ORIGIN)
    assert str(path) in str(refused.value)
    assert SECRET[:8] not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    """The message has the path, the reason and the command that makes one."""
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(KeyFileDamaged, match=f"{path} can't be read: .*lunasec app add"):
            read_credential(path, application="payroll", audience=ORIGIN)


def test_the_mode_is_that_of_the_file_which_is_read(tmp_path: Path) -> None:
    """A link is judged by what it leads to."""
    open_to_all = write_key(tmp_path / "open", ED25519)
    open_to_all.chmod(0o644)
    link = tmp_path / "link"
    link.symlink_to(open_to_all)
    with pytest.raises(KeyFileDamaged, match="mode 0644"):
        read_credential(link, application="payroll", audience=ORIGIN)


def test_shows_no_key() -> None:
    """Neither the credential's text forms nor its attributes' show the private key."""
    credential = _credential()
    credential.token(NOW)
    assert SECRET not in f"{credential!r}{credential!s}"
