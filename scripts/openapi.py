"""The tokenizer's HTTP interface as an OpenAPI document, from the server's own types."""

import json
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

from lunasec import __version__
from lunasec.jose import MAX_TOKEN_BYTES
from lunasec.tokenizer.http import answers, wire
from lunasec.tokenizer.http.caller import FORM
from lunasec.tokenizer.http.routes import CALLS, LOG_OUT, SEGMENT, Call
from scripts.explanations import catalog

Json = dict[str, Any]

PROBLEM: Json = {
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {
            "type": "string",
            "enum": sorted({each.code for each in catalog()}),
        },
        "detail": {"type": "string"},
        "instance": {
            "type": "string",
            "description": "Of errors from 500 on: names the request in the tokenizer's log.",
        },
    },
    "additionalProperties": True,
}
REFUSAL: Json = {
    "description": "A refusal; docs/protocol.md lists the codes.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
SECURITY: Json = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-lunasec-{application}",
        "description": "The tokenizer's session of a browser.",
    },
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "LunaSec-Signature",
        "description": "Of a browser that keeps no cookie; docs/protocol.md says what is signed.",
    },
    "frame": {
        "type": "apiKey",
        "in": "header",
        "name": "LunaSec-Application",
        "description": "The application's name; demanded of frames, beside Sec-Fetch-Site.",
    },
    "application": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The application's signed credential; refused where a browser sends it.",
    },
}


def _parameter(name: str, place: str, pattern: str) -> Json:
    schema = {"type": "string", "pattern": pattern}
    return {"name": name, "in": place, "required": True, "schema": schema}


NAME = _parameter("application", "path", "^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$")
HANDLE = _parameter("handle", "query", "^[A-Za-z0-9_-]{43}$")
UPLOAD = _parameter("upload", "path", "^[A-Za-z0-9_-]{43}$")
INDEX = _parameter("index", "path", "^(0|[1-9][0-9]{0,9})$")
SESSION = _parameter("LunaSec-Session", "header", "^[A-Za-z0-9_-]{43}$")
BYTES = "application/octet-stream"
BINARY: Json = {"schema": {"type": "string", "format": "binary"}}
TOKEN: Json = {
    "schema": {
        "type": "object",
        "required": ["logout_token"],
        "properties": {"logout_token": {"type": "string", "maxLength": MAX_TOKEN_BYTES}},
        "description": "OpenID Connect Back-Channel Logout 1.0, section 2.5.",
    }
}
ROLE = _parameter("role", "path", "^(coordinator|input|text)$")


def document() -> str:
    """Return the whole document, as it stands in spec/openapi.json."""
    shapes, schemas = _schemas()
    paths: Json = {call.path: {"post": _operation(call, shapes)} for call in CALLS}
    content: Json = {
        "openapi": "3.1.0",
        "info": {
            "title": "LunaSec tokenizer",
            "version": __version__,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "description": "Errors are RFC 9457 problem documents with a stable `code`.",
        },
        "paths": paths | _other_paths(shapes[wire.CreateSession], shapes[answers.Done]),
        "components": {
            "schemas": {**schemas, "Problem": PROBLEM},
            "securitySchemes": SECURITY,
        },
    }
    return json.dumps(content, indent=2) + "\n"


def _schemas() -> tuple[dict[Any, Json], Json]:
    """Return what refers to each body and answer, and the schemas themselves."""
    types: set[type[msgspec.Struct]] = {wire.CreateSession}
    types |= {each for call in CALLS for each in (call.body, call.answer) if each is not None}
    # Lists in which each item is one of two types: msgspec only writes them, so it has no schema.
    mixed = {each: members for each in types if (members := _members(each))}
    plain = (types - mixed.keys()).union(*mixed.values())
    ordered = sorted(plain, key=lambda each: each.__name__)
    refs, schemas = msgspec.json.schema_components(
        ordered, ref_template="#/components/schemas/{name}"
    )
    shapes = dict(zip(ordered, refs, strict=True))
    for each, members in mixed.items():
        [name] = each.__struct_fields__
        items = {"anyOf": [shapes[member] for member in members]}
        schemas[each.__name__] = {
            "title": each.__name__,
            "description": each.__doc__,
            "type": "object",
            "properties": {name: {"type": "array", "items": items}},
            "required": [name],
        }
        shapes[each] = {"$ref": f"#/components/schemas/{each.__name__}"}
    return shapes, dict(sorted(schemas.items()))


def _members(kind: type[msgspec.Struct]) -> tuple[type[msgspec.Struct], ...]:
    """Return the types of the items of a struct's only field, where that is a list of several."""
    hints = list(get_type_hints(kind).values())
    items = get_args(hints[0]) if len(hints) == 1 and get_origin(hints[0]) is list else ()
    return get_args(items[0]) if items and get_origin(items[0]) is UnionType else ()


def _operation(call: Call, shapes: dict[Any, Json]) -> Json:
    """Describe an address that takes and gives JSON."""
    who: list[Json] = []
    # Whoever asks for a session may have none yet.
    first = call.body in {wire.Ensure, wire.RegisterKey}
    proofs: tuple[Json, ...] = ({},) if first else ({"session": []}, {"signature": []})
    who += [{"frame": [], **each} for each in proofs] if call.frame else []
    who += [{"application": []}] if call.back_end else []
    return {
        "operationId": call.path.strip("/").replace("/", "_"),
        "security": who,
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": shapes[call.body]}},
        },
        "responses": {"200": _answered(call, shapes), "default": REFUSAL},
    }


def _answered(call: Call, shapes: dict[Any, Json]) -> Json:
    if call.answer is None:
        return {"description": "A segment's bytes.", "content": {BYTES: BINARY}}
    return {
        "description": " ".join((call.answer.__doc__ or "").split()),
        "content": {"application/json": {"schema": shapes[call.answer]}},
    }


def _other_paths(handle: Json, done: Json) -> Json:
    """Describe the addresses of other shapes; `handle` is a body with one, `done` an answer."""
    created = {"204": {"description": "The session's cookie is set."}, "default": REFUSAL}
    page: Json = {"200": {"description": "A frame's document.", "content": {"text/html": {}}}}
    module: Json = {"200": {"description": "A module.", "content": {"text/javascript": {}}}}
    return {
        SEGMENT: {
            "put": {
                "operationId": "files_put",
                "security": [{"frame": [], "session": []}],
                "parameters": [UPLOAD, INDEX, SESSION],
                "requestBody": {"required": True, "content": {BYTES: BINARY}},
                "responses": {
                    "204": {"description": "The segment is kept, durably."},
                    "default": REFUSAL,
                },
            }
        },
        "/session/create/{application}": {
            "get": {
                "operationId": "session_create",
                "parameters": [NAME, HANDLE],
                "responses": created,
            },
            "post": {
                "operationId": "session_create_by_header",
                "security": [{"frame": []}],
                "parameters": [NAME],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": handle}},
                },
                "responses": created,
            },
        },
        LOG_OUT: {
            "post": {
                "operationId": "session_back_channel_logout",
                "parameters": [NAME],
                "requestBody": {"required": True, "content": {FORM: TOKEN}},
                "responses": {
                    "200": {
                        "description": "What the token names has ended.",
                        "content": {"application/json": {"schema": done}},
                    },
                    "default": REFUSAL,
                },
            }
        },
        "/frame/{application}/{role}": {
            "get": {
                "operationId": "frame",
                "parameters": [NAME, ROLE, {**HANDLE, "required": False}],
                "responses": page | {"default": REFUSAL},
            }
        },
        "/lunasec.js": {"get": {"operationId": "entry", "responses": module}},
    }
