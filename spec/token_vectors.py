"""Vectors of tokens and of session references."""

import hashlib

from spec.writing import Case, b64, fields, made_up


def token_text(secret: bytes) -> str:
    """Write a token."""
    body = b64(secret)
    return f"lunasec-{body}{b64(hashlib.sha256(b'lunasec/token/v1' + body.encode()).digest())[:6]}"


def token() -> Case:
    """Tokens, and texts that look like one."""
    secrets = [bytes(32), b"\xff" * 32, *(made_up(f"token {each}", 32) for each in range(6))]
    good = token_text(made_up("token 0", 32))
    body = good[8:51]
    # The last of 43 characters holds four bits; the two below them have to be zero.
    stray = body[:-1] + chr(ord(body[-1]) + 1)
    checksum = b64(hashlib.sha256(b"lunasec/token/v1" + stray.encode()).digest())[:6]
    wrong = {
        "nothing": "",
        "the prefix alone": "lunasec-",
        "one character short": good[:-1],
        "one character long": f"{good}A",
        "two characters exchanged": good[:20] + good[21] + good[20] + good[22:],
        "one character mistyped": good[:30] + ("A" if good[30] != "A" else "B") + good[31:],
        "checksum mistyped": good[:-1] + ("A" if good[-1] != "A" else "B"),
        "another prefix": good.replace("lunasec", "lunasek"),
        "prefix in capitals": good.replace("lunasec", "LUNASEC"),
        "standard base64 alphabet": f"{good[:20]}+{good[21:]}",
        "a line end": f"{good}\n",
        "a space before": f" {good}",
        "a digit of another script": good[:20] + "\u0663" + good[21:],
        "stray bits in the last character, checksum right": f"lunasec-{stray}{checksum}",
    }
    return {
        "valid": [{"secret": b64(each), "token": token_text(each)} for each in secrets],
        "invalid": [
            {"why": why, "token": text, "error": "token_malformed"} for why, text in wrong.items()
        ],
    }


def reference() -> Case:
    """Session references."""
    cases = [
        ("payroll", "0123456789abcdef", None),
        ("payroll", "0123456789abcdef", "alice"),
        ("payrol", "l0123456789abcdef", None),
        ("payroll", "0123456789abcdefa", "lice"),
        ("a", made_up("session", 32).hex(), "Zoë Ünal"),
        ("hr-2", "sessión-ид-セッション-0001", "user/1"),
    ]
    return {
        "valid": [
            {
                "application": application,
                "session_id": session_id,
                "subject": subject,
                "reference": b64(
                    hashlib.sha256(
                        fields(
                            b"lunasec/session-reference/v1",
                            application.encode(),
                            session_id.encode(),
                            (subject or "").encode(),
                        )
                    ).digest()
                ),
            }
            for application, session_id, subject in cases
        ],
        "invalid": [
            {"application": "payroll", "session_id": each, "error": "session_id_too_short"}
            for each in ("", "1", "0123456789abcde", "ид-セッション-0001")
        ],
    }
