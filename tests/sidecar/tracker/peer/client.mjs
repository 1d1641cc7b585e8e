// Viewers made with bittorrent-tracker's client. Orders come in and what happens goes out, one JSON a line.
//   node client.mjs URL ORIGIN HASH PEER...      hash and peers in hexadecimal
//   {"peer": 0, "order": "start" | "complete" | "update" | "scrape" | "stop"}
//   {"peer": 0, "what": "ready" | "update" | "scrape" | "offered" | "answered" | "warning", ...}
import { Agent } from "node:http";
import { registerHooks } from "node:module";
import { createInterface } from "node:readline";

registerHooks({
  resolve(name, context, next) {
    return name === "webrtc-polyfill" ? next("./no-webrtc.mjs", { ...context, parentURL: import.meta.url }) : next(name, context);
  },
});
const { default: Client } = await import("bittorrent-tracker/client");

const [url, origin, hash, ...peers] = process.argv.slice(2);

// A browser says which page it is that opens the socket.
class Page extends Agent {
  addRequest(request, ...rest) {
    request.setHeader("Origin", origin);
    super.addRequest(request, ...rest);
  }
}

const tell = (peer, what, more) => process.stdout.write(`${JSON.stringify({ peer, what, ...more })}\n`);

const clients = peers.map((peerId, number) => {
  const client = new Client({
    infoHash: hash,
    peerId,
    port: 6881,
    announce: [url],
    wrtc: {},
    proxyOpts: { httpAgent: new Page() },
  });
  client.on("warning", (error) => tell(number, "warning", { text: error.message }));
  client.on("error", (error) => tell(number, "warning", { text: error.message }));
  client.on("update", ({ complete, incomplete, interval }) =>
    tell(number, "update", { complete, incomplete, interval }));
  client.on("scrape", ({ complete, incomplete, downloaded }) =>
    tell(number, "scrape", { complete, incomplete, downloaded }));
  client.on("peer", (peer) => {
    const connection = peer._pc;
    const set = connection.setRemoteDescription.bind(connection);
    connection.setRemoteDescription = async (description) => {
      await set(description);
      const what = peer.initiator ? "answered" : "offered";
      tell(number, what, { by: peer.id, own: connection.localDescription?.sdp, sdp: description.sdp });
    };
    if (!peer.initiator) peer.on("signal", (answer) => tell(number, "answers", { sdp: answer.sdp }));
  });
  return client;
});

for await (const line of createInterface(process.stdin)) {
  const { peer, order } = JSON.parse(line);
  const client = clients[peer];
  if (order === "start") client.start();
  if (order === "complete") client.complete({ left: 0 });
  if (order === "update") client.update();
  if (order === "scrape") client.scrape();
  if (order === "stop") client.stop();
}
for (const client of clients) client.destroy();
process.exit(0);
