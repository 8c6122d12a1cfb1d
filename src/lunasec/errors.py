"""The error catalog: one class for each code of the protocol, shared by the tokenizer and the SDK.

Messages name what is wrong and what to do; they never carry a value, a token, a cookie or a key.
"""

# All of these belong to the catalog.
from lunasec.damage import AuditDamaged as AuditDamaged  # noqa: PLC0414
from lunasec.damage import BlobDamaged as BlobDamaged  # noqa: PLC0414
from lunasec.damage import KeyFileDamaged as KeyFileDamaged  # noqa: PLC0414
from lunasec.damage import RecordDamaged as RecordDamaged  # noqa: PLC0414
from lunasec.damage import StoreDamaged as StoreDamaged  # noqa: PLC0414
from lunasec.damage import StoreRolledBack as StoreRolledBack  # noqa: PLC0414
from lunasec.problem import Internal as Internal  # noqa: PLC0414
from lunasec.problem import LunaSecError as LunaSecError  # noqa: PLC0414
from lunasec.problem import StorageFull as StorageFull  # noqa: PLC0414
from lunasec.problem import Unavailable as Unavailable  # noqa: PLC0414


class MalformedRequest(LunaSecError):
    """The body is not JSON, has an unknown or missing field, or a field of the wrong type."""

    code = "malformed_request"
    status = 400
    title = "The request can't be read."


class TokenMalformed(LunaSecError):
    """A token has a wrong shape or a wrong checksum: mistyped, cut off, or never one of ours."""

    code = "token_malformed"
    status = 400
    title = "That is not a token."


class CiphertextMalformed(LunaSecError):
    """A sealed value has an unknown format, a wrong length, or a key of the wrong size."""

    code = "ciphertext_malformed"
    status = 400
    title = "The sealed value can't be read."


class TooLarge(LunaSecError):
    """A body, a value or a list is over its limit."""

    code = "too_large"
    status = 413
    title = "The request is too large."


class UnsupportedMediaType(LunaSecError):
    """The body is not `application/json`, or for a segment `application/octet-stream`."""

    code = "unsupported_media_type"
    status = 415
    title = "The body is of another media type than this call takes."


class RequestTimeout(LunaSecError):
    """The body did not arrive in time."""

    code = "request_timeout"
    status = 408
    title = "The request took too long to arrive."


class NotFound(LunaSecError):
    """No such address."""

    code = "not_found"
    status = 404
    title = "There is nothing at this address."


class MethodNotAllowed(LunaSecError):
    """The address exists, for another method."""

    code = "method_not_allowed"
    status = 405
    title = "The address does not take this method."


class ApplicationUnknown(LunaSecError):
    """The tokenizer's configuration has no application of that name."""

    code = "application_unknown"
    status = 404
    title = "The tokenizer does not know this application."


class CredentialInvalid(LunaSecError):
    """The application's signed credential is missing, forged, expired or meant for another."""

    code = "credential_invalid"
    status = 401
    title = "The application's credential is not valid."


class BrowserRefused(LunaSecError):
    """A browser called an endpoint that is for applications' back ends alone."""

    code = "browser_refused"
    status = 403
    title = "This endpoint is not for browsers."


class CrossOriginRefused(LunaSecError):
    """The request does not come from one of the tokenizer's own documents."""

    code = "cross_origin_refused"
    status = 403
    title = "Only the Secure Frame may ask for this."


class NoSession(LunaSecError):
    """Nobody is logged in, or the tokenizer's session ended."""

    code = "no_session"
    status = 401
    title = "There is no session."


class NotProxied(LunaSecError):
    """The auth proxy's token is missing, not valid, or names nobody: the request went around it."""

    code = "not_proxied"
    status = 401
    title = "The request did not come through the auth proxy."


class SessionChanged(LunaSecError):
    """The browser's session is no longer the one that the frame was made for."""

    code = "session_changed"
    status = 409
    title = "The session is another one than the page's."


class SessionEnded(LunaSecError):
    """A log-out ended this session; its reference, or what was signed before, can't come back."""

    code = "session_ended"
    status = 409
    title = "This session was ended."


class SessionIdTooShort(LunaSecError):
    """The application's session id could be guessed: it has under 16 characters."""

    code = "session_id_too_short"
    status = 500
    title = "The session id is too short to be safe."


class LogOutInvalid(LunaSecError):
    """The log-out token is missing, forged, too old, used before, or names no session."""

    code = "log_out_invalid"
    status = 400
    title = "The log-out token is not valid."


class LogInInvalid(LunaSecError):
    """The log-in is another browser's, too old, used before, or not what the provider signed."""

    code = "log_in_invalid"
    status = 403
    title = "The log-in can't be finished; begin it anew."


class HandleInvalid(LunaSecError):
    """The handle is unknown, used, too old, or was made for another browser."""

    code = "handle_invalid"
    status = 403
    title = "The session could not be set up."


class UpgradeRefused(LunaSecError):
    """Only a temporary session without a subject can be upgraded, and only once."""

    code = "upgrade_refused"
    status = 409
    title = "This session can't be upgraded."


class SchemeDisabled(LunaSecError):
    """The application gets its sessions from another identity provider, or not in this way."""

    code = "scheme_disabled"
    status = 409
    title = "The application does not use this way to set up sessions."


class NotGranted(LunaSecError):
    """Not granted to this session, expired, used up, erased or unknown: one and the same answer."""

    code = "not_granted"
    status = 403
    title = "This session may not use that token."


class StepUpRequired(LunaSecError):
    """A policy wants it confirmed anew who asks: by a fresh log-in, or by a stronger one."""

    code = "step_up_required"
    status = 403
    title = "Confirm that it is you to see this."


class FileIncomplete(LunaSecError):
    """Some of a file's segments never arrived; `POST /files/missing` says which."""

    code = "file_incomplete"
    status = 409
    title = "The file is not whole yet."


class TooManyRequests(LunaSecError):
    """A budget is used up for the moment."""

    code = "too_many_requests"
    status = 429
    title = "Too many requests; wait a moment."


class Sealed(LunaSecError):
    """The tokenizer holds no key: it was sealed, or never unsealed."""

    code = "sealed"
    status = 503
    title = "The tokenizer is sealed."


class ConfigurationInvalid(LunaSecError):
    """A setting is missing or wrong; the message says which, what it got and what it wants."""

    code = "configuration_invalid"
    title = "The configuration is not valid."
