"""The API of a React application, and its page: log in, see one's number, change it.

It is told where the tokenizer is by `LUNASEC_APPLICATION`, `LUNASEC_KEY_FILE` and
`LUNASEC_TOKENIZER_URL`, whose values `lunasec app add` prints. Run it, after `npm run build`, with:

    pip install "lunasec[fastapi]" itsdangerous uvicorn
    uvicorn server:app
"""

import secrets
from pathlib import Path

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel
from starlette.middleware.sessions import SessionMiddleware
from starlette.staticfiles import StaticFiles

from lunasec.fastapi import LunaSec, starlette_session_id

BUILT = Path(__file__).parent / "dist"

app = FastAPI()
app.add_middleware(SessionMiddleware, secret_key=secrets.token_hex())
app.mount("/assets", StaticFiles(directory=BUILT / "assets"))

lunasec = LunaSec(session_id_provider=starlette_session_id.with_user("user"))
lunasec.register(app)

numbers: dict[str, str] = {}
"""What this application knows: for each user a token."""


class Person(BaseModel):
    """What the page is told of its user: a name, and a token."""

    name: str
    ssn: str


class LogIn(BaseModel):
    """Who wants to be whom."""

    name: str


class Change(BaseModel):
    """The token of a new number."""

    ssn: str


@app.get("/")
async def page(request: Request) -> HTMLResponse:
    """Serve the page with the session that it belongs to in its head."""
    built = (BUILT / "index.html").read_text()
    head = lunasec.meta(request)
    return HTMLResponse(
        built.replace("<!--lunasec-->", str(head)), headers={"Cache-Control": "no-store"}
    )


@app.post("/api/log-in")
async def log_in(request: Request, who: LogIn) -> Person:
    """Believe everybody. An application of yours asks for a password."""
    await lunasec.sessions.end(request)
    request.session["user"] = who.name
    return await me(request)


@app.post("/api/log-out")
async def log_out(request: Request) -> dict[str, str]:
    """End the session here and at the tokenizer: open pages go blank."""
    await lunasec.sessions.end(request)
    request.session.clear()
    return {}


@app.get("/api/me")
async def me(request: Request) -> Person:
    """Let the user's session read the user's number, for 15 minutes."""
    user = request.session.get("user")
    if user is None:
        raise HTTPException(401)
    await lunasec.grants.create(request, numbers.get(user))
    return Person(name=user, ssn=numbers.get(user, ""))


@app.post("/api/me")
async def save(request: Request, change: Change) -> Person:
    """Keep the token, if it was made in this session."""
    person = await me(request)
    if change.ssn != person.ssn:
        await lunasec.grants.verify(request, change.ssn)
        numbers[person.name] = change.ssn
    return await me(request)
