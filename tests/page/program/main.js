/** A page that does nothing by itself: a test creates clients in it and calls them. */
import { createClient, isAuthError } from "countersign";

const EVENTS = ["signedin", "signedout", "accountschanged", "tokenrefreshed", "reauthdue", "error"];
const ERROR_MEMBERS = ["code", "message", "detail", "error", "suberror", "claims", "status"];

const program = {
  createClient,
  clients: [],
  /** What the listeners of each client have heard. */
  events: [],

  /** @returns the client's place */
  async create(options, events = EVENTS) {
    return program.keep(await createClient(options), events);
  },

  keep(client, events = EVENTS) {
    const heard = [];
    for (const name of events) client.addEventListener(name, ({ detail }) => heard.push({ name, ...toData(detail) }));
    program.events.push(heard);
    return program.clients.push(client) - 1;
  },

  call(place, method, options) {
    return program.outcome(Promise.try(() => program.clients[place][method](...options)));
  },

  /** The cases that the client and its double for tests both pass. */
  contract: () => import("./contract.js"),

  /** What the diagnosis says of the failure of a call, or of one with this code. */
  async diagnosed(options, method, given) {
    const { diagnose } = await import("countersign/diagnose");
    const error = await program.failureOf(options, method, given);
    return { code: error.code, ...(await diagnose(error, options)) };
  },

  async failureOf(options, method, given) {
    if (method === "code") return (await import("countersign/testing")).testError(given);
    try {
      const client = await createClient(options);
      await client[method](given);
    } catch (error) {
      return error;
    }
    throw new Error("It did not fail.");
  },

  /** What a call came to, in a form that leaves the page. */
  outcome(work) {
    return work.then(
      (value) => ({ value }),
      (error) => ({ error: toData(error), isOurs: isAuthError(error) }),
    );
  },
};

function toData(thing) {
  if (!(thing instanceof Error)) return thing;
  return Object.fromEntries(ERROR_MEMBERS.filter((name) => thing[name] !== undefined).map((name) => [name, thing[name]]));
}

globalThis.program = program;
globalThis.whenLoaded?.(program);
