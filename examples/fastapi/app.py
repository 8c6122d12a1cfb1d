"""The smallest whole application: a page on which a social security number is typed and shown.

It is told where the tokenizer is by `LUNASEC_APPLICATION`, `LUNASEC_KEY_FILE` and
`LUNASEC_TOKENIZER_URL`, whose values `lunasec app add` prints. Run it with:

    pip install "lunasec[fastapi]" itsdangerous python-multipart uvicorn
    uvicorn app:app
"""

import secrets
from html import escape
from typing import Annotated

from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.middleware.sessions import SessionMiddleware

from lunasec.fastapi import LunaSec, starlette_session_id

app = FastAPI()
app.add_middleware(SessionMiddleware, secret_key=secrets.token_hex())

lunasec = LunaSec(session_id_provider=starlette_session_id.with_user("user"))
lunasec.register(app)

numbers: dict[str, str] = {}
"""What this application knows: for each user a token."""

PAGE = """<!doctype html>
<html lang="en">
<head><title>Payroll</title>{meta}{script}</head>
<body>
<h1>{user}</h1>
<p>Your number: <secure-text token="{token}">none yet</secure-text></p>
<form method="post" action="/me">
  <label for="ssn">Social security number</label>
  <secure-input id="ssn" name="ssn" validator="ssn" required></secure-input>
  <button>Save</button>
</form>
</body>
</html>"""


@app.get("/log-in/{user}")
async def log_in(request: Request, user: str) -> RedirectResponse:
    """Believe everybody. An application of yours asks for a password."""
    await lunasec.sessions.end(request)
    request.session["user"] = user
    return RedirectResponse("/me")


@app.get("/me")
async def me(request: Request) -> HTMLResponse:
    """Show the user's number to the user's session: by its token, for 15 minutes."""
    user = request.session["user"]
    token = numbers.get(user)
    await lunasec.grants.create(request, token)
    page = PAGE.format(
        meta=lunasec.meta(request), script=lunasec.script(), user=escape(user), token=token or ""
    )
    return HTMLResponse(page, headers={"Cache-Control": "no-store"})


@app.post("/me")
async def save(request: Request, ssn: Annotated[str, Form()]) -> RedirectResponse:
    """Keep the token, if it was made in this session."""
    await lunasec.grants.verify(request, ssn)
    numbers[request.session["user"]] = ssn
    return RedirectResponse("/me", status_code=303)
