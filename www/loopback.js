/** Servers that only this machine can reach. */
import { once } from "node:events";

/** Listens on 127.0.0.1, on a free port unless one is given. */
export async function listenOnLoopback(server, port = 0) {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return { port: server.address().port, close: () => close(server) };
}

async function close(server) {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
