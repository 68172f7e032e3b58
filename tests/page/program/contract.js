/** Runs the cases of the contract with the client of a provider, and with its double. */
import { createClient, isAuthError } from "countersign";
import { createTestClient } from "countersign/testing";

import { CASES } from "./contract-cases.js";

const EVENTS = ["signedin", "signedout", "tokenrefreshed", "reauthdue", "error"];

/** Runs a case with the client of a provider, in a page that is where the case begins. @returns what went wrong, if anything */
export function withClient(name, options) {
  return attempt(name, (api) =>
    createClient({ ...options, fetch: (input, init) => (String(input?.url ?? input).startsWith("https://api.example/") ? api(input) : fetch(input, init)) }),
  );
}

/** Runs a case with the double. */
export function withDouble(name) {
  return attempt(name, async (api) => {
    const { begin } = CASES[name];
    const client = createTestClient({ user: { subject: "alice" }, account: begin === "signedIn" ? { subject: "alice" } : null, fetch: api });
    if (begin === "returning") void client.signIn({ appState: { path: "/orders/5" } });
    return client;
  });
}

/** The names of what the page's client has and the double lacks. */
export async function missing(options) {
  const members = (of) => (of === EventTarget.prototype ? [] : [...Object.getOwnPropertyNames(of), ...members(Object.getPrototypeOf(of))]);
  const [real, double] = [await createClient(options), createTestClient()].map((client) => members(Object.getPrototypeOf(client)));
  return real.filter((name) => !double.includes(name));
}

async function attempt(name, create) {
  const requests = [];
  const heard = [];
  let respond = (request) => request.text().then((body) => new Response(body));
  const api = (request) => respond(request, requests.push(request));
  try {
    const client = await create(api);
    for (const event of EVENTS) client.addEventListener(event, ({ type }) => heard.push(type));
    await CASES[name]({ client, requests, isAuthError, subject: "alice", events: () => heard.slice(), respond: (by) => (respond = async (...given) => by(...given)) });
    client.close();
    return undefined;
  } catch (error) {
    return String(error.stack);
  }
}
