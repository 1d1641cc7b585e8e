"""The body of an answer, read in pieces and never further than it may go, whatever it unpacks to."""

import zlib

import aiohttp

_RATIO = 100
"""JSON and text shrink to a tenth; what grows by more than this was made to (interop X-33)."""
_GZIP = zlib.MAX_WBITS + 16


class BadBody(Exception):
    """The body is too large, or packed in a way that was not asked for. The text says which."""


async def read_body(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """The body as it was before it was packed; the session must not unpack it.

    Raises BadBody when it has more than `limit` bytes, is packed by anything but gzip once, grows by more than
    a hundred, or breaks off inside the packing.
    """
    unpacker = _unpacker(response)
    body = bytearray()
    received = 0
    async for piece in response.content.iter_any():
        received += len(piece)
        try:
            body += unpacker.decompress(piece, limit + 1 - len(body)) if unpacker else piece
        except zlib.error as error:
            raise BadBody("it says gzip and is not") from error
        if len(body) > limit:
            raise BadBody(f"it has more than {limit} bytes")
        if len(body) > _RATIO * received:
            raise BadBody(f"it grows by more than {_RATIO} when unpacked")
    if unpacker and received and not unpacker.eof:
        raise BadBody("it is cut short")
    return bytes(body)


def _unpacker(response: aiohttp.ClientResponse) -> "zlib._Decompress | None":  # pyright: ignore[reportPrivateUsage]
    packing = ", ".join(response.headers.getall("Content-Encoding", ["identity"])).strip().lower()
    if packing in ("", "identity"):
        return None
    if packing not in ("gzip", "x-gzip"):
        raise BadBody("it is packed by something else than gzip")
    return zlib.decompressobj(_GZIP)
