"""The reference for blobs: every promise of the port in plain dictionaries."""

from lunasec.errors import BlobDamaged, Unavailable


class MemoryBlobs:
    """Keeps segments until the process ends; for tests, ours and applications'."""

    def __init__(self) -> None:
        """Start empty."""
        self.blobs: dict[bytes, dict[int, bytes]] = {}
        self._closed = False

    async def put(self, blob: bytes, index: int, data: bytes | bytearray) -> None:
        """Keep a segment; one that is there stays as it is."""
        self._opened().setdefault(blob, {}).setdefault(index, bytes(data))

    async def there(self, blob: bytes) -> set[int]:
        """Say which segments are there."""
        return set(self._opened().get(blob, {}))

    async def read(self, blob: bytes, index: int, *, size: int, start: int, length: int) -> bytes:
        """Give a part of a segment, or raise `BlobDamaged`."""
        segment = self._opened().get(blob, {}).get(index)
        if segment is None:
            raise BlobDamaged("A segment of a file is missing.")
        if len(segment) != size:
            raise BlobDamaged("A segment of a file has another size than it was stored with.")
        return segment[start : start + length]

    async def drop(self, blob: bytes) -> None:
        """Remove a blob."""
        self._opened().pop(blob, None)

    async def names(self, first: int) -> list[bytes]:
        """List the blobs whose names begin with that byte."""
        return [each for each in self._opened() if each[0] == first]

    async def close(self) -> None:
        """Answer nothing any more."""
        self._closed = True

    def _opened(self) -> dict[bytes, dict[int, bytes]]:
        if self._closed:
            raise Unavailable
        return self.blobs
