/** The local authority of `tests/authority`, which behaves as Entra ID does, in a process of its own that prints what it is. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../tests/authority/main.js", import.meta.url));
const USER = "alice@contoso.onmicrosoft.com";
const API = "Orders API";
const API_SCOPE = "Orders.Read";

/** @returns {Promise<import("./oidc.js").Provider>} */
export async function start({ pageUrl, tokenLife }) {
  const { about, stop } = await run(["--http-only", "--json", "--redirect-uri", pageUrl]);
  const page = about.registrations.find(({ kind }) => kind === "spa");
  const api = about.registrations.find(({ name }) => name === API);
  const user = about.users.find(({ name }) => name === USER);
  const issuer = `${about.http}/${page.tenant}/v2.0`;
  await change(`${about.control}/directory/registrations/${api.clientId}`, { accessTokenLifetime: tokenLife });

  return {
    title: "the local authority, in the shape of Entra ID",
    authority: issuer,
    clientId: page.clientId,
    scope: `openid profile offline_access ${api.appIdUri}/${API_SCOPE}`,
    api: { issuer, audience: api.clientId, scope: API_SCOPE },
    users: about.users.filter(({ tenant }) => tenant === page.tenant).map(({ name, password }) => `${name}  ${password}`),
    async signIn(browserPage) {
      await browserPage.getByLabel("User name").fill(user.name);
      await browserPage.getByRole("button", { name: "Next" }).click();
      await browserPage.getByLabel("Password").fill(user.password);
      await browserPage.getByRole("button", { name: "Sign in" }).click();
    },
    stop,
  };
}

async function run(options) {
  const authority = spawn(process.execPath, [MAIN, ...options], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(authority, "exit");
  const lines = createInterface({ input: authority.stdout });
  const [line] = await Promise.race([
    once(lines, "line"),
    ended.then(([code]) => Promise.reject(new Error(`The authority ended with ${code} before it was ready.`))),
  ]);
  return {
    about: JSON.parse(line),
    stop: async () => {
      authority.kill();
      await ended;
    },
  };
}

async function change(url, body) {
  const response = await fetch(url, { method: "PATCH", body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`The authority's control port responded ${response.status}: ${await response.text()}`);
}
