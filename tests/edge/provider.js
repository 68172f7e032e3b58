/** An OpenID provider on loopback that responds as a case tells it to, with a count of what it was asked. */
import { EventEmitter, once } from "node:events";
import http from "node:http";

/** @returns {Promise<{ url: string, stop: () => Promise<void> }>} */
export async function startProvider() {
  /** Each case has issuers of its own, so that cases do not see each other. */
  const issuers = new Map();
  const server = http.createServer(async (request, response) => {
    const [, name, ...rest] = request.url.split("/");
    const path = rest.join("/");
    if (!issuers.has(name)) issuers.set(name, { responses: new Map(), requests: [], statuses: [], events: new EventEmitter() });
    const issuer = issuers.get(name);
    if (request.method === "PUT") {
      issuer.responses.set(path, JSON.parse(await text(request)));
      response.end();
    } else if (path === "requests") {
      response.end(JSON.stringify(issuer.requests));
    } else if (path === "statuses") {
      response.end(JSON.stringify(issuer.statuses));
    } else if (path.startsWith("asked/")) {
      const [, awaited, times] = rest;
      while (issuer.requests.filter((one) => one === awaited).length < times) await once(issuer.events, awaited);
      response.end();
    } else {
      issuer.requests.push(path);
      respond(response, request, issuer.responses.get(path) ?? { status: 404 });
      issuer.statuses.push([path, response.statusCode]);
      issuer.events.emit(path);
    }
  });
  // A case that keeps the processor busy must not find its connection closed.
  server.keepAliveTimeout = 120_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** `never` sends the head and no end; `fill` is a length in bytes in place of a body; `unless` is the ETag of the body. */
function respond(response, request, { status = 200, headers = {}, body = "", fill = 0, never = false, cut = false, unless }) {
  if (cut) return response.destroy();
  if (unless !== undefined && request.headers["if-none-match"] === unless) return response.writeHead(304, headers).end();
  response.writeHead(status, { "content-type": "application/json", ...headers });
  if (never) return response.write(body);
  for (let left = fill; left > 0; left -= 65_536) response.write(" ".repeat(Math.min(left, 65_536)));
  response.end(body);
}

async function text(request) {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += chunk;
  return body;
}
