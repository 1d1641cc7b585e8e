// bittorrent-tracker's own server, as a measure for ours. It prints the port at which it listens.
import Server from "bittorrent-tracker/server";

const server = new Server({ http: false, udp: false, ws: true, stats: false, trustProxy: true });
server.on("warning", () => {});
server.on("listening", () => console.log(server.ws.address().port));
server.listen(0, "127.0.0.1");
