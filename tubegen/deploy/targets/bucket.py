"""A bucket: S3 and what speaks its language (R2, B2, MinIO, SeaweedFS), Google Cloud Storage, Azure.

Credentials come from where each of them is used to: `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`,
`GOOGLE_APPLICATION_CREDENTIALS`, `AZURE_STORAGE_ACCOUNT_NAME` and `AZURE_STORAGE_ACCOUNT_KEY`.
"""

import asyncio
import contextlib
import hashlib
import re
from collections.abc import AsyncIterator, Generator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    NotSupportedError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import from_url

from tubegen.deploy.targets import Conflict, Stored, TargetRefused, Unreachable
from tubegen.errors import InputError, Problem
from tubegen.headers import Headers

_SMALL = 4_000_000
"""Bytes of a file that is read as a whole and sent in one request; larger ones go in parts."""


class BucketTarget:
    """Objects below the prefix that `url` names, such as `s3://bucket/prefix`."""

    slots = 32

    def __init__(self, url: str, *, endpoint: str = "", region: str = "") -> None:
        self.address = url
        options: dict[str, Any] = {}
        if url.startswith("s3"):
            options["region"] = region or "us-east-1"
        if endpoint:
            options["endpoint"] = endpoint
        try:
            self._store = from_url(
                url.rstrip("/"),
                client_options={
                    "allow_http": endpoint.startswith("http://"),
                    "timeout": timedelta(minutes=10),
                    "connect_timeout": timedelta(seconds=20),
                },
                retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=20)},
                **options,
            )
        except (BaseError, ValueError) as fault:
            raise InputError(Problem(url, 0, f"this target cannot be opened: {_first_line(fault)}")) from None

    async def read(self, path: str) -> tuple[bytes, str] | None:
        with self._explained(path):
            try:
                result = await obstore.get_async(self._store, path)
            except FileNotFoundError as fault:
                if "NoSuchBucket" in str(fault):
                    raise
                return None
            return bytes(await result.bytes_async()), result.meta["e_tag"] or ""

    async def write(self, path: str, source: str | bytes, headers: Headers) -> None:
        with self._explained(path):
            data = source if isinstance(source, bytes) else _content(source)
            await obstore.put_async(self._store, path, data, attributes=_attributes(headers))

    async def write_if(self, path: str, data: bytes, headers: Headers, version: str | None) -> str:
        with self._explained(path):
            try:
                result = await obstore.put_async(
                    self._store,
                    path,
                    data,
                    attributes=_attributes(headers),
                    mode="create" if version is None else {"e_tag": version},
                    use_multipart=False,
                )
                return result["e_tag"] or ""
            except (AlreadyExistsError, PreconditionError):
                raise Conflict(
                    Problem(f"{self.address}/{path}", 0, "somebody else wrote it meanwhile")
                ) from None
            except NotSupportedError:
                return await self._write_checked(path, data, headers, version)

    async def copy(self, source: str, path: str, headers: Headers) -> bool:
        with self._explained(path):
            try:
                await obstore.copy_async(self._store, source, path)
            except FileNotFoundError:
                return False
            return True

    async def delete(self, paths: Sequence[str]) -> None:
        for start in range(0, len(paths), 1000):
            with self._explained(paths[start]), contextlib.suppress(FileNotFoundError):
                await obstore.delete_async(self._store, list(paths[start : start + 1000]))

    async def list(self, prefix: str = "") -> AsyncIterator[Stored]:
        with self._explained(""):
            batches = obstore.list(self._store, prefix or None, chunk_size=1000)  # pyright: ignore[reportUnknownMemberType]
            async for batch in batches:
                for meta in batch:
                    tag = (meta["e_tag"] or "").strip('"')
                    md5 = tag if re.fullmatch("[0-9a-f]{32}", tag) else ""
                    yield Stored(meta["path"], meta["size"], md5)

    async def close(self) -> None:
        await asyncio.sleep(0)

    async def _write_checked(self, path: str, data: bytes, headers: Headers, version: str | None) -> str:
        """For hosts without conditional writes: look, then write. Another deploy in between is not noticed."""
        present = await self.read(path)
        if (present[1] if present else None) != version:
            raise Conflict(Problem(f"{self.address}/{path}", 0, "somebody else wrote it meanwhile"))
        result = await obstore.put_async(self._store, path, data, attributes=_attributes(headers))
        return result["e_tag"] or hashlib.md5(data, usedforsecurity=False).hexdigest()

    @contextlib.contextmanager
    def _explained(self, path: str) -> Generator[None]:
        """Turn what the store raises into TargetRefused with a remedy, or Unreachable."""
        try:
            yield
        except (BaseError, FileNotFoundError) as fault:
            where = f"{self.address}/{path}" if path else self.address
            if problem := _refusal(fault):
                raise TargetRefused(Problem(where, 0, *problem)) from None
            raise Unreachable(Problem(where, 0, _first_line(fault))) from None


_REFUSALS = (
    ("NoSuchBucket", "there is no such bucket", "make it at the host, or correct 'url'"),
    ("RequestTimeTooSkewed", "the host says that this machine's clock is wrong", "set the clock"),
    ("InvalidAccessKeyId", "the host does not know the access key", "set AWS_ACCESS_KEY_ID to a key of it"),
    (
        "SignatureDoesNotMatch",
        "the secret key is wrong",
        "set AWS_SECRET_ACCESS_KEY to that of the access key",
    ),
    ("QuotaExceeded", "the bucket is full", "make room or raise the quota at the host"),
    ("InsufficientStorage", "the bucket is full", "make room or raise the quota at the host"),
    ("169.254.169.254", "there are no credentials", "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
    ("dns error", "the host's name cannot be found", "correct 'endpoint', or look at the network"),
)


def _refusal(fault: Exception) -> tuple[str, str] | None:
    text = str(fault)
    for mark, problem, hint in _REFUSALS:
        if mark in text:
            return problem, hint
    if isinstance(fault, UnauthenticatedError):
        return "the host takes no request without keys, or not these", "set AWS_ACCESS_KEY_ID and its secret"
    if isinstance(fault, PermissionDeniedError):
        return "the keys do not allow this", "give them the right to read, list, write and delete there"
    return None


def _content(source: str) -> bytes | Path:
    """What the file `source` holds when it is small, else where it is."""
    with open(source, "rb") as file:
        data = file.read(_SMALL + 1)
    return data if len(data) <= _SMALL else Path(source)


def _attributes(headers: Headers) -> Any:
    return {"Content-Type": headers.content_type, "Cache-Control": headers.cache_control}


def _first_line(fault: Exception) -> str:
    """What went wrong in at most 300 characters, without the parts a person cannot use."""
    text = str(fault).split("\n\n")[0].strip().splitlines()
    return text[0][:300] if text else type(fault).__name__
