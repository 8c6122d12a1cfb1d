"""What is found damaged at a start or in the store; the catalog is `errors.py`."""

from lunasec.problem import LunaSecError


class KeyFileDamaged(LunaSecError):
    """The key file can't be read, is not whole, or is open to other users of the machine."""

    code = "key_file_damaged"
    title = "The key file can't be used."


class StoreDamaged(LunaSecError):
    """The database is not whole, of another version, or belongs to another key file."""

    code = "store_damaged"
    title = "The database can't be used."


class StoreRolledBack(LunaSecError):
    """The database is older than the mark beside the key file: a copy from the past."""

    code = "store_rolled_back"
    title = "The database is an older copy."


class RecordDamaged(LunaSecError):
    """A stored record does not open with its own token: changed, swapped or of another key."""

    code = "record_damaged"
    title = "A stored value is damaged."


class BlobDamaged(LunaSecError):
    """A file's segment is missing, or has another size than it was stored with."""

    code = "blob_damaged"
    title = "A stored file is damaged."


class AuditDamaged(LunaSecError):
    """The audit log's chain is broken: an entry was changed, removed or put in."""

    code = "audit_damaged"
    title = "The audit log is not whole."
