// The client of a service: the shape that JavaScript expects over the WebAssembly core.

import { describe, isAuthError, toAuthError } from "../auth-error.js";
import { decode, encode, toTokenSet } from "../crossing.js";
import { run } from "../driver.js";
import { CODES } from "../error-codes.js";
import { responseToCaller, ServiceClient } from "../wasm/service.js";
import { readCredential } from "./credential.js";
import { knowCodes } from "./know-codes.js";
import { Locks } from "./locks.js";
import { sendBy } from "./send.js";
import { ServiceHost } from "./service-host.js";

/** More configurations than a service has; the oldest one's tokens are forgotten then. */
const MAX_CORES = 1000;

/** @returns `createConfidentialClient` over the module that `load` instantiates */
export function confidentialClients(load, host) {
  // An isolate has one core for a configuration: a Worker makes a client for each request, and all of
  // them share the tokens. The credentials are a part of the configuration.
  const cores = new Map();
  const open = async (text) => {
    await load();
    let core = cores.get(text);
    if (core === undefined) {
      core = { client: new ServiceClient(text), locks: new Locks(host.sharesPromises) };
      cores.set(text, core);
      if (cores.size > MAX_CORES) cores.delete(cores.keys().next().value);
    }
    return core;
  };
  return (options) => {
    knowCodes();
    return new ConfidentialClient(options, open);
  };
}

class ConfidentialClient {
  #open;
  #text;
  #credentials;
  #send;
  #tell;

  constructor({ credential, metadata, fetch, onLog, ...options }, open) {
    this.#open = open;
    this.#credentials = [credential].flat().map(readCredential);
    const config = { ...options, metadata: typeof metadata === "object" ? JSON.stringify(metadata) : metadata };
    const credentials = this.#credentials.map(({ text }) => `&credential=${encodeURIComponent(text)}`);
    this.#text = encode(config) + credentials.join("");
    this.#send = sendBy(fetch ?? ((input, init) => globalThis.fetch(input, init)));
    this.#tell = ({ log, detail }) => {
      // A log that fails is the service's own matter.
      if (log && onLog) queueMicrotask(() => onLog({ time: Date.now() / 1000, step: log, detail }));
    };
  }

  async clientCredentials(options) {
    return toTokenSet(await this.#run("clientCredentials", options));
  }

  async onBehalfOf(options) {
    return toTokenSet(await this.#run("onBehalfOf", options));
  }

  async exchange(options) {
    return toTokenSet(await this.#run("exchange", options));
  }

  async endSession(session) {
    await this.#run("endSession", { session });
  }

  async #run(call, options = {}) {
    try {
      const { client, locks } = await this.#open(this.#text);
      const host = new ServiceHost({ send: this.#send, credentials: this.#credentials, locks, tell: this.#tell });
      return await run(client.flow(encode({ call, ...options })), host);
    } catch (thrown) {
      throw complete(toAuthError(thrown));
    }
  }
}

/** Gives the error the response with which an API refuses its own caller. */
function complete(error) {
  if (!isAuthError(error)) return error;
  // The core knows options by their names in snake case.
  if (error.code === "invalid_option") {
    error.detail = error.detail.replace(/^\w+/, (name) => name.replace(/_[a-z]/g, ([, letter]) => letter.toUpperCase()));
    describe(error);
  }
  Object.defineProperty(error, "toResponse", { value: () => toResponse(error) });
  return error;
}

function toResponse({ code, message, error, claims }) {
  const text = encode({ code: String(CODES.indexOf(code)), error, claims });
  const { status, wwwAuthenticate } = decode(responseToCaller(text));
  const headers = { "cache-control": "no-store", ...(wwwAuthenticate && { "www-authenticate": wwwAuthenticate }) };
  return Response.json({ code, message }, { status: Number(status), headers });
}
