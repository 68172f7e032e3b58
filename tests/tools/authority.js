/** Who signs the matrix's users in, and an API that its pages call. */
import { once } from "node:events";
import http from "node:http";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { startAuthority } from "../authority/start.js";

const USER = "alice@contoso.onmicrosoft.com";

/** @param {string} directory the package */
export async function startBackend(directory) {
  const authority = await startAuthority({ https: false, automatic: { user: USER } });
  const page = authority.registrations.find(({ kind }) => kind === "spa");
  const api = authority.registrations.find(({ name }) => name === "Orders API");
  const issuer = `${authority.http}/${page.tenant}/v2.0`;
  const verifier = { issuer, audience: api.clientId, scope: "Orders.Read" };

  const { createVerifier, nodeGuard } = await import(pathToFileURL(path.join(directory, "edge/node.js")));
  const pages = { origins: (origin) => new URL(origin).hostname === "localhost" };
  const listener = nodeGuard(createVerifier({ ...verifier, cors: pages }), (_, response, { claims }) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ user: claims.preferred_username }));
  });
  const server = http.createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    user: USER,
    verifier,
    page: {
      authority: issuer,
      clientId: page.clientId,
      scope: `openid profile offline_access ${api.appIdUri}/Orders.Read`,
      user: USER,
      name: "Alice Anders",
      apis: [`http://localhost:${server.address().port}/`],
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await authority.close();
    },
  };
}
