"""The tracker's WebSocket: frames in, frames out, and nobody waits for anybody."""

import asyncio
import logging
import socket as sockets
from dataclasses import dataclass

import msgspec
from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from tubegen.sidecar.client_address import UNKNOWN, ClientAddresses, Networks
from tubegen.sidecar.settings import Clock
from tubegen.sidecar.tracker.protocol import write
from tubegen.sidecar.tracker.swarm import Connection
from tubegen.sidecar.tracker.tracker import Outcome, Shut, Tracker

_MESSAGE_BYTES = 64 * 1024
_WAITING_BYTES = 64 * 1024
"""That a socket has not taken yet; with more it is dropped."""
_ROOM_BYTES = 4 * _WAITING_BYTES
"""Never reached, so that no send ever waits."""
_HEARTBEAT = 60.0
_GOODBYE = 2.0
"""Seconds for the other side to agree that the socket is closed."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Line:
    """An open socket and the connection below it."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport

    async def send(self, text: str) -> bool:
        """Whether it was sent. One that takes nothing off the line is cut, without a goodbye."""
        if self.socket.closed or self.transport.is_closing():
            return False
        if self.transport.get_write_buffer_size() > _WAITING_BYTES:
            self.transport.abort()
            return False
        try:
            await self.socket.send_str(text)
        except ConnectionError:
            return False
        return True


class Sockets:
    """All sockets of a tracker."""

    def __init__(self, tracker: Tracker, clock: Clock, proxies: Networks) -> None:
        self._tracker = tracker
        self._clock = clock
        self._connections = ClientAddresses(proxies)
        self._lines: dict[Connection, _Line] = {}
        self._warned = False

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """`GET /tracker/socket`"""
        socket = web.WebSocketResponse(
            compress=False,  # it would cost 300 kB each
            heartbeat=_HEARTBEAT,
            max_msg_size=_MESSAGE_BYTES,
            timeout=_GOODBYE,
            autoping=False,  # pings are counted too
        )
        transport = request.transport
        if transport is None or not socket.can_prepare(request):
            return web.Response(status=426, text="Speak WebSocket here.\n", headers={"Upgrade": "websocket"})
        try:
            connection = self._tracker.enter(
                self._address(request), request.headers.get("Origin", ""), self._clock()
            )
        except Shut as shut:
            return web.Response(status=shut.status, text=f"{shut}\n")
        try:
            await socket.prepare(request)
            _narrow(transport)
            self._lines[connection] = _Line(socket, transport)
            await self._converse(connection, socket)
        except ConnectionResetError:  # gone while it was let in
            return web.Response(status=400)
        finally:
            self._lines.pop(connection, None)
            self._tracker.leave(connection, self._clock())
            if not socket.closed and not transport.is_closing():
                await socket.close(code=WSCloseCode.POLICY_VIOLATION)
            if transport.get_write_buffer_size():  # else it would wait for ever for who never reads
                transport.abort()
        return socket

    async def stats(self, _: web.Request) -> web.Response:
        """`GET /tracker/stats`"""
        return web.Response(
            body=msgspec.json.encode(self._tracker.stats()),
            content_type="application/json",
            headers={"Cache-Control": "no-store"},
        )

    async def sweep(self) -> None:
        """Close what has been silent for too long."""
        for connection in self._tracker.sweep(self._clock()):
            if (line := self._lines.get(connection)) is not None:
                line.transport.abort()

    async def close(self) -> None:
        """Send everybody away; their players come back by themselves."""
        goodbyes = (line.socket.close(code=WSCloseCode.GOING_AWAY) for line in list(self._lines.values()))
        await asyncio.gather(*goodbyes, return_exceptions=True)

    async def _converse(self, connection: Connection, socket: web.WebSocketResponse) -> None:
        """Until either side has enough."""
        async for message in socket:
            if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                outcome = self._tracker.receive(connection, message.data, self._clock())
                await self._deliver(outcome)
                if outcome.end:
                    return
            elif not await self._control(connection, socket, message):
                return

    async def _control(
        self, connection: Connection, socket: web.WebSocketResponse, message: WSMessage
    ) -> bool:
        """Whether the conversation goes on."""
        if message.type not in (WSMsgType.PING, WSMsgType.PONG):
            return False
        if not self._tracker.spend(connection, self._clock()):
            return False
        if message.type is WSMsgType.PING:
            await socket.pong(message.data)
        return True

    async def _deliver(self, outcome: Outcome) -> None:
        for receiver, told in outcome.sends:
            line = self._lines.get(receiver)
            if line is not None:
                await line.send(write(told))

    def _address(self, request: web.Request) -> str:
        found = self._connections.network_asking(request)
        if found == UNKNOWN and not self._warned:
            self._warned = True
            _log.warning("the front server sends no X-Forwarded-For: all viewers share the limits of one")
        return found


def _narrow(transport: asyncio.Transport) -> None:
    """Little room for what waits: the kernel would keep megabytes for who never reads."""
    transport.set_write_buffer_limits(high=_ROOM_BYTES)
    connection: sockets.socket | None = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, _WAITING_BYTES)
