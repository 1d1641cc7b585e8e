"""Names of codecs for CODECS (RFC 6381), read from the entries of a track's `stsd`.

Sources: ISO/IEC 14496-15 annex E for AVC and HEVC, "AV1 Codec ISO Media File Format Binding" §5 for AV1,
ISO/IEC 14496-1 §7.2.6 and 14496-3 §1.6.2 for MPEG-4 audio.
"""

import re

from tubegen.media.package.boxes import Box, Bytes, boxes, fields, first

_VISUAL_HEADER = 78
_SOUND_HEADER = 28

_USUAL_COLOURS = ((1, 1, 1, 0), (2, 2, 2, 0))
"""Primaries, transfer, matrix and range: BT.709, which a name that ends early stands for, and not told at all."""


def codec_name(data: Bytes, entry: Box) -> str:
    """As in `avc1.64001f`, `av01.0.08M.08`, `mp4a.40.2`. Raises ValueError when the entry does not tell."""
    if entry.kind in (b"avc1", b"avc3"):
        return f"{entry.kind.decode()}.{_record(data, entry, 'avcC', 4)[1:4].hex()}"
    if entry.kind in (b"hvc1", b"hev1"):
        return f"{entry.kind.decode()}.{_hevc(_record(data, entry, 'hvcC', 13))}"
    if entry.kind == b"av01":
        return f"av01.{_av1(_record(data, entry, 'av1C', 4), _colours(data, entry))}"
    if entry.kind == b"mp4a":
        esds = first(data, "esds", entry.start + _SOUND_HEADER, entry.end)
        return f"mp4a.{_mpeg4(bytes(data[esds.start + 4 : esds.end]))}"
    name = entry.kind.decode("latin-1")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{3}", name):
        raise ValueError(f"{entry.kind!r} is no codec")
    return name


def _record(data: Bytes, entry: Box, kind: str, least: int) -> bytes:
    """The decoder's configuration, of `least` bytes or more."""
    box = first(data, kind, entry.start + _VISUAL_HEADER, entry.end)
    if box.end - box.start < least:
        raise ValueError(f"{kind} is cut short")
    return bytes(data[box.start : box.end])


def _hevc(record: bytes) -> str:
    """Profile, compatible profiles in reverse, tier and level, constraints without the zeros at their end."""
    space, tier, profile = record[1] >> 6, record[1] >> 5 & 1, record[1] & 31
    compatible = int(f"{int.from_bytes(record[2:6]):032b}"[::-1], 2)
    constraints = [f"{byte:X}" for byte in record[6:12].rstrip(b"\0")]
    first_part = f"{('', 'A', 'B', 'C')[space]}{profile}"
    return ".".join([first_part, f"{compatible:X}", f"{'LH'[tier]}{record[12]}", *constraints])


def _av1(record: bytes, colours: tuple[int, int, int, int] | None) -> str:
    """Profile, level and tier, depth; what is not 4:2:0 in the usual colours, in its long form."""
    profile, level, flags = record[1] >> 5, record[1] & 31, record[2]
    depth = 8 if not flags & 0x40 else 12 if profile == 2 and flags & 0x20 else 10
    short = f"{profile}.{level:02}{'MH'[flags >> 7]}.{depth:02}"
    grey, across, down, place = flags >> 4 & 1, flags >> 3 & 1, flags >> 2 & 1, flags & 3
    if (grey, across, down) == (0, 1, 1) and (colours is None or colours in _USUAL_COLOURS):
        return short
    primaries, transfer, matrix, full = colours or _USUAL_COLOURS[0]
    return f"{short}.{grey}.{across}{down}{place}.{primaries:02}.{transfer:02}.{matrix:02}.{full}"


def _colours(data: Bytes, entry: Box) -> tuple[int, int, int, int] | None:
    """What a `colr` box says in the numbers of ITU-T H.273."""
    for box in boxes(data, entry.start + _VISUAL_HEADER, entry.end):
        if box.kind == b"colr" and bytes(data[box.start : box.start + 4]) == b"nclx":
            primaries, transfer, matrix, full = fields(">HHHB", data, box.start + 4)
            return primaries, transfer, matrix, full >> 7
    return None


def _mpeg4(descriptors: bytes) -> str:
    """Object type, and for AAC its audio object type: `40.2`, `40.5`, `6b`."""
    at = _descriptor(descriptors, 0, 3)
    (flags,) = fields(">B", descriptors, at + 2)
    at += 3 + (2 if flags & 0x80 else 0) + (2 if flags & 0x20 else 0)
    if flags & 0x40:
        (length,) = fields(">B", descriptors, at)
        at += 1 + length
    at = _descriptor(descriptors, at, 4)
    (kind,) = fields(">B", descriptors, at)
    if kind != 0x40:
        return f"{kind:02x}"
    (head,) = fields(">H", descriptors, _descriptor(descriptors, at + 13, 5))
    short = head >> 11
    return f"40.{short if short != 31 else 32 + (head >> 5 & 63)}"


def _descriptor(data: bytes, at: int, tag: int) -> int:
    """Where the content of a descriptor begins: after its tag and a length of one to four bytes."""
    (found,) = fields(">B", data, at)
    if found != tag:
        raise ValueError(f"a descriptor {found} stands where {tag} should")
    for length in range(at + 1, at + 5):
        if not fields(">B", data, length)[0] & 0x80:
            return length + 1
    raise ValueError("a descriptor without end")
