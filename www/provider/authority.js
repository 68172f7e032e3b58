/** The local authority of `tests/authority`, which behaves as Entra ID does, in a process of its own that prints what it is. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../tests/authority/main.js", import.meta.url));
const DIRECTORY = fileURLToPath(new URL("directory.json", import.meta.url));

/** @returns {Promise<import("./oidc.js").Provider>} */
export async function start({ pageUrl, tokenLife }) {
  const { about, stop } = await run(["--http-only", "--json", "--directory", DIRECTORY, "--redirect-uri", pageUrl]);
  const [page, notes, archive, watch] = ["Demo page", "Notes API", "Archive API", "Night watch"].map((name) =>
    about.registrations.find((registration) => registration.name === name),
  );
  for (const { clientId } of [notes, archive]) {
    await change(`${about.control}/directory/registrations/${clientId}`, { accessTokenLifetime: tokenLife });
  }
  const issuer = `${about.http}/${page.tenant}/v2.0`;
  const all = ({ appIdUri }) => ({ scope: `${appIdUri}/.default` });
  const [user] = about.users;

  return {
    title: "the local authority, in the shape of Entra ID",
    authority: issuer,
    clientId: page.clientId,
    scope: `openid profile offline_access ${notes.appIdUri}/Notes.Read`,
    api: {
      verifier: { issuer, audience: notes.clientId, user: { scope: "Notes.Read" }, app: { roles: "Notes.Read.All" } },
      client: { authority: issuer, clientId: notes.clientId, secret: notes.secret, target: all(archive) },
    },
    archive: {
      verifier: { issuer, audience: archive.clientId, user: { scope: "Archive.Read" }, app: { roles: "Archive.Read.All" } },
    },
    daemon: {
      authority: issuer,
      clientId: watch.clientId,
      credential: { certificate: await readFile(watch.certificate, "utf8"), privateKey: await readFile(watch.privateKey, "utf8") },
      targets: { api: all(notes), archive: all(archive) },
    },
    users: about.users.map(({ name, password }) => `${name}  ${password}`),
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
