import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/**
 * How long the authority takes to start, and how many sign-ins it holds. A sign-in is what a person
 * does: the sign-in page, user name, password, the redirect, and the code redeemed with PKCE for
 * access, ID and refresh token; over TLS, `AT_ONCE` at a time.
 */
const SIGN_INS = 400;
const AT_ONCE = 4;
const STARTS = 5;
const CERTIFICATES = fileURLToPath(new URL("../../target/entra-local", import.meta.url));
const REQUIRED = { startSeconds: 2, signInsPerMinute: 200 };

const starts = [];
for (let i = 0; i < STARTS; i++) {
  const { child, seconds } = await start();
  starts.push(seconds);
  await stop(child);
}
starts.sort((a, b) => a - b);
const { child, about } = await start();
const perMinute = await measureSignIns(about);
await stop(child);

console.log(`processors                 ${availableParallelism()}`);
console.log(`start, ready to respond    ${starts[STARTS >> 1].toFixed(2)} s (median of ${STARTS}, slowest ${starts.at(-1).toFixed(2)} s; required: under ${REQUIRED.startSeconds} s)`);
console.log(`sign-ins a minute          ${Math.round(perMinute)} (${SIGN_INS} sign-ins, ${AT_ONCE} at once; required: ${REQUIRED.signInsPerMinute})`);
if (starts.at(-1) >= REQUIRED.startSeconds || perMinute < REQUIRED.signInsPerMinute) {
  console.error("Short of what is required.");
  process.exitCode = 1;
}

/** From the launch of the process until discovery responds. */
async function start() {
  const begun = performance.now();
  const child = spawn(process.execPath, [fileURLToPath(new URL("./main.js", import.meta.url)), "--json", "--certificates", CERTIFICATES], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(createInterface(child.stdout), "line");
  const about = JSON.parse(line);
  await (await fetch(`${about.http}/common/v2.0/.well-known/openid-configuration`)).json();
  return { child, about, seconds: (performance.now() - begun) / 1000 };
}

async function stop(child) {
  child.kill("SIGTERM");
  await once(child, "exit");
}

async function measureSignIns(about) {
  // Only this process's own requests, to the certificate that the authority has just made.
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
  process.removeAllListeners("warning");
  const page = about.registrations.find((r) => r.kind === "spa");
  const users = about.users.filter((u) => u.tenant === page.tenant);
  await signIn(about, page, users[0]);
  let left = SIGN_INS;
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left > 0) await signIn(about, page, users[left-- % users.length]);
    }),
  );
  return SIGN_INS / ((performance.now() - begun) / 60_000);
}

async function signIn({ https: origin }, client, user) {
  const verifier = randomBytes(32).toString("base64url");
  const redirect_uri = client.redirectUris[0];
  const scope = "openid profile offline_access api://orders.contoso.example/Orders.Read";
  const ask = new URLSearchParams({
    client_id: client.clientId, response_type: "code", redirect_uri, scope, state: "s", nonce: "n",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"), code_challenge_method: "S256",
  });
  const handle = async (response) => /name="ctx" value="([^"]+)"/.exec(await response.text())[1];
  const ctx = await handle(await fetch(`${origin}/${client.tenant}/oauth2/v2.0/authorize?${ask}`));
  const submit = (step, form) => fetch(`${origin}/signin/${step}`, { method: "POST", redirect: "manual", body: new URLSearchParams({ ctx, ...form }) });
  await (await submit("username", { username: user.name })).text();
  const done = await submit("password", { username: user.name, password: user.password });
  const code = new URL(done.headers.get("location")).searchParams.get("code");
  const response = await fetch(`${origin}/${client.tenant}/oauth2/v2.0/token`, {
    method: "POST",
    headers: { origin: new URL(redirect_uri).origin },
    body: new URLSearchParams({ client_id: client.clientId, grant_type: "authorization_code", code, redirect_uri, code_verifier: verifier, scope }),
  });
  const { access_token, id_token, refresh_token } = await response.json();
  if (!access_token || !id_token || !refresh_token) throw new Error(`A sign-in failed with ${response.status}.`);
}
