"""The name of a cache entry: a hash of everything that the entry depends on."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import msgspec

KeyPart: TypeAlias = "str | int | float | Sequence[KeyPart] | Mapping[str, KeyPart] | None"
"""Plain values only. A record would bring the names of its fields into the key, and renaming one would then throw
away everything that is in the cache."""


def key_of(*parts: KeyPart) -> str:
    """160 bits of BLAKE2b over the parts as compact JSON (mappings in their own order), as 40 hexadecimal digits."""
    return hashlib.blake2b(msgspec.json.encode(parts), digest_size=20).hexdigest()
