"""The demo behind an auth proxy, whose tokens say who is visiting.

Run as `python -m examples.proxies.application DATA PORT ORIGIN TOKENIZER INTERNAL PRESET ISSUER
AUDIENCE JWKS`.
"""

import secrets
import sys
from pathlib import Path

import uvicorn

from lunasec import proxy
from lunasec.demo import DemoSettings, create_app

if __name__ == "__main__":
    data, port, origin, tokenizer, internal, preset, issuer, audience, jwks = sys.argv[1:]
    made = {"apache": proxy.apache, "oathkeeper": proxy.oathkeeper}[preset]
    app = create_app(
        DemoSettings(
            origin=origin,
            tokenizer_url=tokenizer,
            tokenizer_internal_url=internal,
            application="demo",
            key_file=Path(data) / "demo.key",
            database=Path(data) / "application.db",
            session_secret=secrets.token_urlsafe(32),
            proxy=made(issuer=issuer, audience=audience, jwks=jwks),
        )
    )
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning")
