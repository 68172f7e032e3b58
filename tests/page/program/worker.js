/** A worker of any kind that does nothing by itself: a test creates a client in it and calls it. */
import { createClient, isAuthError } from "countersign/worker";

let client;
const heard = [];

const METHODS = {
  async create(options) {
    client = await createClient({ ...options, ...(options.storage === "extension" && { storage: extensionStore() }) });
    for (const name of ["signedin", "signedout", "tokenrefreshed", "error"]) client.addEventListener(name, () => heard.push(name));
  },
  get: (name) => client[name],
  events: () => heard,
  async fetch(...given) {
    const response = await client.fetch(...given);
    return response.text();
  },
};

/** `chrome.storage`, which the parts of an extension share. */
function extensionStore() {
  const { local } = globalThis.chrome.storage;
  return { get: async (name) => (await local.get(name))[name], set: (name, record) => local.set({ [name]: record }) };
}

/** @returns what a call comes to, in a form that leaves the worker */
globalThis.run = async (method, ...given) => {
  try {
    return { value: await (METHODS[method] ?? ((...all) => client[method](...all)))(...given) };
  } catch (error) {
    return { error: { code: error.code, message: error.message, detail: error.detail }, isOurs: isAuthError(error) };
  }
};

addEventListener("message", async ({ data, ports: [port] }) => port.postMessage(await globalThis.run(...data)));
