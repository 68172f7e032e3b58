/** oidc-provider, unmodified, with one public client and its own pages, on which any user signs in. */
import { once } from "node:events";
import http from "node:http";

import Provider from "oidc-provider";

/** @param {{ redirectUri: string, origin?: string }} page `origin` is the only one that its token endpoint allows */
export async function startOidcProvider({ redirectUri, origin }) {
  const server = http.createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://localhost:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: "page", token_endpoint_auth_method: "none", redirect_uris: [redirectUri] }],
    clientBasedCORS: (_, asking) => origin === undefined || asking === origin,
    cookies: { keys: ["of a test"] },
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
  });
  server.on("request", provider.callback());
  return {
    issuer,
    /** Signs a user in on its pages, and consents. */
    async signIn(page) {
      await page.locator("input[name=login]").fill("ada");
      await page.locator("input[name=password]").fill("any");
      await page.locator("button[type=submit]").click();
      await page.locator("button[type=submit]").click();
    },
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
