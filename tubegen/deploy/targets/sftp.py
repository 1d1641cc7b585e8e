"""A server that is reached by SSH: its SFTP subsystem, which every web space with SSH has.

The host must be in `known_hosts`; keys come from the agent or `~/.ssh`, as with `ssh` itself, whose `config` is read.
"""

import asyncio
import contextlib
import hashlib
import stat
from collections.abc import AsyncIterator, Generator, Sequence
from pathlib import PurePosixPath
from typing import cast
from urllib.parse import unquote, urlsplit

import asyncssh
from asyncssh import SFTPAttrs, SFTPClient

from tubegen.deploy.targets import Conflict, Stored, TargetRefused, Unreachable
from tubegen.errors import Problem
from tubegen.headers import Headers


class SftpTarget:
    """Files below the folder of `url`, `sftp://user@host:port/folder`. Headers are the business of the web server."""

    slots = 16

    def __init__(self, url: str, *, below: str = "") -> None:
        parts = urlsplit(url)
        self.address = url
        self._host = parts.hostname or ""
        self._port = parts.port
        self._user = unquote(parts.username) if parts.username else None
        self._root = PurePosixPath(unquote(parts.path)) / below
        self._connecting = asyncio.Lock()
        self._connection: asyncssh.SSHClientConnection | None = None
        self._client: SFTPClient | None = None
        self._folders: set[PurePosixPath] = set()

    async def read(self, path: str) -> tuple[bytes, str] | None:
        with self._explained(path):
            sftp = await self._sftp()
            try:
                async with sftp.open(self._at(path), "rb") as file:
                    content = cast("bytes", await file.read())  # opened as bytes
            except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
                return None
        return content, hashlib.sha256(content).hexdigest()

    async def write(self, path: str, source: str | bytes, headers: Headers) -> None:
        with self._explained(path):
            sftp = await self._sftp()
            place = self._root / path
            await self._make_folder(sftp, place.parent)
            scratch = str(place.with_name(f".{place.name}.tubegen-new"))
            if isinstance(source, bytes):
                async with sftp.open(scratch, "wb") as file:
                    await file.write(source)
            else:
                await sftp.put(source, scratch)
            await sftp.posix_rename(scratch, str(place))

    async def write_if(self, path: str, data: bytes, headers: Headers, version: str | None) -> str:
        """SFTP has no conditional writes: another deploy between looking and writing is not noticed, save for the
        creation of a file, which only one can win."""
        problem = Problem(f"{self.address}/{path}", 0, "somebody else wrote it meanwhile")
        present = await self.read(path)
        if (present[1] if present else None) != version:
            raise Conflict(problem)
        if version is not None:
            await self.write(path, data, headers)
        else:
            with self._explained(path):
                sftp = await self._sftp()
                await self._make_folder(sftp, (self._root / path).parent)
                try:
                    async with sftp.open(self._at(path), "xb") as file:
                        await file.write(data)
                except (asyncssh.SFTPFileAlreadyExists, asyncssh.SFTPFailure):
                    raise Conflict(problem) from None
        return hashlib.sha256(data).hexdigest()

    async def copy(self, source: str, path: str, headers: Headers) -> bool:
        found = await self.read(source)
        if found is None:
            return False
        await self.write(path, found[0], headers)
        return True

    async def delete(self, paths: Sequence[str]) -> None:
        for path in paths:
            with self._explained(path):
                sftp = await self._sftp()
                with contextlib.suppress(asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
                    await sftp.remove(self._at(path))

    async def list(self, prefix: str = "") -> AsyncIterator[Stored]:
        with self._explained(prefix):
            sftp = await self._sftp()
            async for path, attrs in self._walk(sftp, self._root / prefix):
                yield Stored(str(path.relative_to(self._root)), attrs.size or 0, "")

    async def close(self) -> None:
        if self._client is not None:
            self._client.exit()
        if self._connection is not None:
            self._connection.close()
            await self._connection.wait_closed()

    async def _sftp(self) -> SFTPClient:
        """The client, connected when it is used first or was cut off."""
        async with self._connecting:
            if self._client is None or self._connection is None or self._connection.is_closed():
                self._connection = await asyncssh.connect(
                    self._host,
                    self._port or (),
                    username=self._user or (),
                    connect_timeout=20,
                    keepalive_interval=30,
                )
                self._client = await self._connection.start_sftp_client()
                self._folders.clear()
            return self._client

    def _at(self, path: str) -> str:
        return str(self._root / path)

    async def _make_folder(self, sftp: SFTPClient, folder: PurePosixPath) -> None:
        if folder not in self._folders:
            await sftp.makedirs(str(folder), exist_ok=True)
            self._folders.add(folder)

    async def _walk(
        self, sftp: SFTPClient, folder: PurePosixPath
    ) -> AsyncIterator[tuple[PurePosixPath, SFTPAttrs]]:
        try:
            entries = await sftp.readdir(str(folder))
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
            return
        for entry in entries:
            name = (
                entry.filename
                if isinstance(entry.filename, str)
                else entry.filename.decode("utf-8", "replace")
            )
            if name in (".", ".."):
                continue
            if stat.S_ISDIR(entry.attrs.permissions or 0):
                async for found in self._walk(sftp, folder / name):
                    yield found
            else:
                yield folder / name, entry.attrs

    @contextlib.contextmanager
    def _explained(self, path: str) -> Generator[None]:
        """Turn what SSH raises into TargetRefused with a remedy, or Unreachable."""
        where = f"{self.address}/{path}".rstrip("/")
        try:
            yield
        except asyncssh.HostKeyNotVerifiable:
            hint = f"look at its key and accept it once: ssh {self._host}"
            raise TargetRefused(Problem(self.address, 0, "the host is not in known_hosts", hint)) from None
        except asyncssh.PermissionDenied:
            hint = "add your key to ~/.ssh/authorized_keys there, or load it: ssh-add"
            raise TargetRefused(Problem(self.address, 0, "the host takes no key of yours", hint)) from None
        except asyncssh.SFTPPermissionDenied:
            raise TargetRefused(
                Problem(where, 0, "it may not be written", "give the user the right to, or correct 'url'")
            ) from None
        except (asyncssh.SFTPNoSpaceOnFilesystem, asyncssh.SFTPQuotaExceeded):
            raise TargetRefused(
                Problem(where, 0, "the disk there is full", "make room, then deploy again")
            ) from None
        except (asyncssh.Error, OSError) as fault:
            raise Unreachable(Problem(where, 0, str(fault) or type(fault).__name__)) from None
