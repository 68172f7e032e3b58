import { Hono } from "hono";
import { X509Certificate } from "node:crypto";
import { thumbprints } from "../certificates.js";
import { CONTROL_NAMES } from "../conditional-access.js";
import { describeAuthority } from "../description.js";
import { checkEntry, completeTenant } from "../directory/read.js";
import { FAULT_KINDS } from "./faults.js";

/**
 * The control port: what a test moves and looks at. README.md lists the URLs. Every response is
 * JSON; a wrong request gets 400 with `{ error, hint }`.
 */
export function createControl(authority) {
  const app = new Hono();
  app.onError((error, c) => c.json({ error: error.message, hint: error.hint }, error instanceof ControlError ? 400 : 500));
  app.notFound((c) => c.json({ error: `There is no ${c.req.method} ${c.req.path}.`, hint: "The README lists the control URLs." }, 404));
  app.get("/", (c) => c.json(describeAuthority(authority)));
  clockRoutes(app, authority);
  keyRoutes(app, authority);
  userRoutes(app, authority);
  directoryRoutes(app, authority);
  trafficRoutes(app, authority);
  workloadRoutes(app, authority.workload);
  return app;
}

class ControlError extends Error {
  constructor(message, hint) {
    super(message);
    this.hint = hint;
  }
}

async function body(c) {
  const text = await c.req.text();
  try {
    return text ? JSON.parse(text) : {};
  } catch {
    throw new ControlError("The body is not JSON.", 'Send an object, for example {"advance": 3600}.');
  }
}

function clockRoutes(app, { clock }) {
  const state = () => ({ now: clock.now(), time: clock.timestamp() });
  app.get("/clock", (c) => c.json(state()));
  app.post("/clock", async (c) => {
    const { now, advance, freeze, reset } = await body(c);
    if (reset) clock.reset();
    if (freeze === true) clock.freeze();
    if (freeze === false) clock.resume();
    if (now !== undefined) clock.set(number(now, "now"));
    if (advance !== undefined) clock.advance(number(advance, "advance"));
    return c.json(state());
  });
}

function number(value, name) {
  if (typeof value !== "number" || !Number.isFinite(value)) throw new ControlError(`"${name}" must be a number of seconds.`);
  return value;
}

function keyRoutes(app, { keys, directory }) {
  app.post("/keys/rotate", async (c) => c.json(await keys.rotate(await body(c))));
  app.post("/keys/custom", async (c) => {
    const { clientId } = await body(c);
    if (!directory.registration(clientId)) throw new ControlError("There is no such registration.", 'Send {"clientId": "…"}.');
    return c.json(await keys.addCustomKey(clientId));
  });
}

function userRoutes(app, authority) {
  const { directory } = authority;
  const userOf = async (c) => {
    const { user } = await body(c);
    const found = directory.user(user);
    if (!found) throw new ControlError(`There is no user "${user}".`, `Known: ${directory.data.users.map((u) => u.name).join(", ")}`);
    return found;
  };
  // Ends the sessions, refuses the refresh tokens (AADSTS50173) and asks CAE clients for a new access token.
  app.post("/revoke", async (c) => {
    const user = await userOf(c);
    authority.sessions.end(user);
    return c.json({ user: user.name, tokensValidFrom: authority.revocations.revokeSignIns(user).time });
  });
  // A critical event alone: access tokens so far are no longer good, the refresh token is.
  app.post("/revoke/access-tokens", async (c) => {
    const user = await userOf(c);
    return c.json({ user: user.name, accessTokensValidFrom: authority.revocations.revokeAccessTokens(user).time });
  });
  app.get("/settings", (c) => c.json(authority.settings));
  app.post("/settings", async (c) => {
    const change = await body(c);
    for (const name of Object.keys(change)) if (!(name in authority.settings)) throw new ControlError(`There is no setting "${name}".`, `Known: ${Object.keys(authority.settings).join(", ")}`);
    return c.json(Object.assign(authority.settings, change));
  });
  app.post("/device-codes", async (c) => {
    const { userCode, user, decline } = await body(c);
    const entry = authority.deviceCodes.findByUserCode(userCode);
    if (!entry) throw new ControlError("There is no pending device code with this user code.");
    if (decline) authority.deviceCodes.decline(entry);
    else approveDevice(authority, entry, directory.user(user));
    return c.json({ userCode: entry.userCode, state: entry.state });
  });
}

function approveDevice({ directory, deviceCodes, clock }, entry, user) {
  if (!user) throw new ControlError("There is no such user.", 'Send {"userCode": "…", "user": "alice@contoso.onmicrosoft.com"}.');
  const tenant = entry.tenant ?? directory.tenant(user.tenant);
  const account = directory.account(user, tenant.id);
  if (!account) throw new ControlError("The user has no account in the tenant of the request.");
  deviceCodes.approve(entry, { account, mfa: false, authTime: clock.now(), sid: crypto.randomUUID() }, tenant);
}

function directoryRoutes(app, authority) {
  const { directory } = authority;
  const lists = { tenants: (e, key) => e.id === key || e.domain === key, users: (e, key) => e.name === key || e.id === key, registrations: (e, key) => e.clientId === key || e.name === key, groups: (e, key) => e.id === key || e.name === key };
  app.get("/directory", (c) => c.json(directory.data));
  app.put("/directory/consents", async (c) => c.json((directory.data.consents = await body(c))));
  app.put("/directory/appRoleAssignments", async (c) => c.json((directory.data.appRoleAssignments = await body(c))));
  app.post("/directory/:list", async (c) => {
    const list = listOf(c);
    const entry = await body(c);
    const problems = checkEntry(c.req.param("list"), entry);
    if (problems.length) throw new ControlError(problems.join(" "), "index.d.ts describes the entries.");
    if (c.req.param("list") === "registrations") entry.installedIn ??= [];
    if (c.req.param("list") === "tenants") completeTenant(entry);
    list.push(entry);
    return c.json(entry, 201);
  });
  // Members given replace those of the same name; null takes one away.
  app.patch("/directory/:list/:key", async (c) => {
    const entry = listOf(c).find((e) => lists[c.req.param("list")](e, c.req.param("key")));
    if (!entry) throw new ControlError(`There is no "${c.req.param("key")}" in ${c.req.param("list")}.`);
    const change = await body(c);
    checkPolicies(change.conditionalAccess);
    for (const [name, value] of Object.entries(change)) {
      if (value === null) delete entry[name];
      else entry[name] = value;
    }
    return c.json(entry);
  });
  app.post("/registrations/:clientId/certificates", async (c) => {
    const { pem } = await body(c);
    let certificate;
    try {
      certificate = new X509Certificate(pem);
    } catch {
      throw new ControlError("The certificate could not be read.", 'Send {"pem": "-----BEGIN CERTIFICATE-----…"}.');
    }
    const names = thumbprints({ rawData: certificate.raw });
    authority.addCertificate(c.req.param("clientId"), { pem, ...names });
    return c.json({ x5t: names.x5t, "x5t#S256": names.x5tS256 }, 201);
  });

  function listOf(c) {
    const name = c.req.param("list");
    if (!(name in lists)) throw new ControlError(`There is no list "${name}".`, `Known: ${Object.keys(lists).join(", ")}`);
    return directory.data[name];
  }
}

function checkPolicies(policies = []) {
  for (const policy of policies ?? []) {
    if (!policy.id || !Array.isArray(policy.applications) || !CONTROL_NAMES.includes(policy.control)) {
      throw new ControlError("A policy is { id, applications: [name or \"all\"], users?: [name], control }.", `control is one of ${CONTROL_NAMES.join(", ")}.`);
    }
  }
}

function trafficRoutes(app, { faults, record }) {
  app.get("/faults", (c) => c.json(faults.list()));
  app.post("/faults", async (c) => {
    const fault = await body(c);
    if (!FAULT_KINDS.includes(fault.kind)) throw new ControlError(`There is no fault of kind "${fault.kind}".`, `Known: ${FAULT_KINDS.join(", ")}`);
    return c.json(faults.add(fault), 201);
  });
  app.delete("/faults", (c) => (faults.clear(), c.json([])));
  app.get("/requests", (c) => c.json(record.list({ path: c.req.query("path"), method: c.req.query("method") })));
  app.delete("/requests", (c) => (record.clear(), c.json([])));
}

function workloadRoutes(app, workload) {
  app.get("/workload/.well-known/openid-configuration", (c) => c.json(workload.discovery()));
  app.get("/workload/keys", async (c) => c.json(await workload.jwks()));
  app.post("/workload/token", async (c) => c.json({ token: await workload.token(await body(c)) }));
}
