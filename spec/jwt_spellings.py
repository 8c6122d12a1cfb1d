"""The JWT corpus, continued: names, times and spellings."""

import json

from spec.jwt_signing import AUDIENCE, CLAIMS, HEADER, NOW, TYPE, claimed, headed, token
from spec.writing import b64


def wrong_times() -> dict[str, str]:
    """Give tokens that are not valid now, or for too long, or that do not say."""
    cases = {
        "exp missing": claimed(exp=None),
        "iat missing": claimed(iat=None),
        "exp null": token(claims={**CLAIMS, "exp": None}),
        "iat null": token(claims={**CLAIMS, "iat": None}),
        "expired 30 s ago": claimed(iat=NOW - 330, exp=NOW - 30),
        "issued 31 s ahead": claimed(iat=NOW + 31, exp=NOW + 60),
        "not before 31 s ahead": claimed(nbf=NOW + 31),
        "not before a text": claimed(nbf=str(NOW)),
        "not before null": token(claims={**CLAIMS, "nbf": None}),
        "a life of 301 s": claimed(exp=NOW + 301),
        "a life of 300 s and a bit": claimed(exp=NOW + 300.5),
        "no life": claimed(exp=NOW),
        "ends before it begins": claimed(iat=NOW + 10, exp=NOW + 9),
        "in milliseconds": claimed(iat=NOW * 1000, exp=NOW * 1000 + 300),
    }
    for value in ("1800000300", True, [NOW + 300], {"s": NOW + 300}, -1, 2**53 + 1, 10**400):
        cases[f"exp {str(value)[:20]}"] = claimed(exp=value)
    for text in ("NaN", "Infinity", "1e400", "0x6b49d32c", "1800000300.", "+1800000300"):
        data = json.dumps({**CLAIMS, "exp": "?"}).replace('"?"', text)
        cases[f"exp {text}"] = token(claims=data.encode())
    return cases


def wrong_names() -> dict[str, str]:
    """Give tokens of another issuer, for another audience, of another type."""
    issuers = ("", "Payroll", "payroll ", "hr", "https://payroll", 0, ["payroll"], {"a": 1}, True)
    audiences: tuple[object, ...] = (
        "", AUDIENCE + "/", AUDIENCE.upper(), AUDIENCE[:-1], AUDIENCE + ":443", "*", 0, [],
        [AUDIENCE, AUDIENCE], [AUDIENCE, "https://other.example"], [[AUDIENCE]], {AUDIENCE: True},
    )  # fmt: skip
    types = ("JWT", "at+jwt", TYPE.upper(), f"application/{TYPE}", "", 0, [TYPE])
    return {
        "iss missing": claimed(iss=None),
        "iss null": token(claims={**CLAIMS, "iss": None}),
        "aud missing": claimed(aud=None),
        "aud null": token(claims={**CLAIMS, "aud": None}),
        "typ missing": headed(typ=None),
        "typ null": token({**HEADER, "typ": None}),
        **{f"iss {each!r}": claimed(iss=each) for each in issuers},
        **{f"aud {each!r}": claimed(aud=each) for each in audiences},
        **{f"typ {each!r}": headed(typ=each) for each in types},
    }


def wrong_spellings() -> dict[str, str]:
    """Give tokens that say the right thing in a way that two parsers could read in two ways."""
    return {**wrong_json(), **wrong_base64()}


def wrong_json() -> dict[str, str]:
    """Give headers and claims that are not one JSON object with one reading."""
    header, claims = json.dumps(HEADER), json.dumps(CLAIMS)
    texts = {
        "alg named twice": (header[:-1] + ', "alg": "EdDSA"}', claims),
        "alg named twice, none first": ('{"alg": "none", ' + header[1:], claims),
        "iss named twice": (header, '{"iss": "hr", ' + claims[1:]),
        "exp named twice, once escaped": (header, claims[:-1] + ', "\\u0065xp": 9e15}'),
        "a member of a member named twice": (header, claims[:-1] + ', "a": [{"b": 1, "b": 2}]}'),
        "a comment": (header, claims + "/* */"),
        "a second object": (header, claims + claims),
        "a comma too many": (header, claims[:-1] + ",}"),
        "single quotes": (header, claims.replace('"', "'")),
        "half a surrogate": (header, claims[:-1] + ', "sub": "\\ud800"}'),
        "nested 17 deep": (header, claims[:-1] + ', "a": ' + "[" * 16 + "]" * 16 + "}"),
        "nested 1,200 deep": (header, claims[:-1] + ', "a": ' + "[" * 1200 + "]" * 1200 + "}"),
        "a number of 2,500 digits": (header, claims[:-1] + ', "exp": ' + "9" * 2500 + "}"),
        "claims a list": (header, f"[{claims}]"),
        "claims a text": (header, json.dumps(claims)),
        "claims null": (header, "null"),
        "claims empty": (header, ""),
        "header a list": (f"[{header}]", claims),
        "header null": ("null", claims),
        "header empty": ("", claims),
    }
    cases = {why: token(a.encode(), b.encode()) for why, (a, b) in texts.items()}
    for encoding in ("utf-16", "utf-16-le", "utf-32", "utf-8-sig"):
        cases[f"claims in {encoding}"] = token(claims=claims.encode(encoding))
    return cases | {
        "claims not UTF-8": token(claims=claims.encode()[:-1] + b', "sub": "\xff"}'),
        "claims in overlong UTF-8": token(claims=claims.encode().replace(b"iss", b"\xc1\xa9ss")),
    }


def wrong_base64() -> dict[str, str]:
    """Give other spellings and other numbers of parts."""
    good = token()
    header, payload, signature = good.split(".")
    # The last character of 86 holds two bits of the signature; the other four have to be zero.
    stray = signature[:-1] + chr(ord(signature[-1]) + 1)
    padded = token(claims=json.dumps(CLAIMS).encode() + b" " * (-(len(json.dumps(CLAIMS)) + 1) % 3))
    return {
        "nothing": "",
        "one part": header,
        "two parts": f"{header}.{payload}",
        "four parts": f"{good}.",
        "five parts": f"{header}.{payload}.{signature}.{payload}.{signature}",
        "only dots": "..",
        "no header": f".{payload}.{signature}",
        "no claims (detached)": f"{header}..{signature}",
        "no signature": f"{header}.{payload}.",
        "a space before": f" {good}",
        "a line end": f"{good}\n",
        "a line end inside": f"{good[:40]}\n{good[40:]}",
        "a NUL": f"{good}\u0000",
        "padding": f"{good}==",
        "padding in the claims": padded.replace(padded.split(".")[1], padded.split(".")[1] + "="),
        "standard base64": good[:-8] + "+" + good[-7:],
        "stray bits in the signature": f"{header}.{payload}.{stray}",
        "a letter of another script": good[:50] + "\u0430" + good[51:],
        "the word Bearer": f"Bearer {good}",
        "as JSON (RFC 7515, section 7.2)": json.dumps(
            {"protected": header, "payload": payload, "signature": signature}
        ),
        "encrypted (RFC 7516)": f"{b64(b'{}')}.{b64(b'k')}.{b64(b'i')}.{b64(b'c')}.{b64(b't')}",
        "4097 characters": grown(4097),
    }


def grown(length: int) -> str:
    """Give a good token of exactly that many characters."""
    return next(text for size in range(length) if len(text := claimed(note="n" * size)) == length)
