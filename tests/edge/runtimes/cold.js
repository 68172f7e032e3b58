// A Worker as an API's author writes it, whose isolate has done nothing before its first requests.

import { createVerifier, isAuthError } from "countersign/edge";

let verifier;

/** The memory of the package's module. */
let memory;
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(module, imports) {
    super(module, imports);
    memory = this.exports.memory;
  }
};

export default {
  async fetch(request, { ISSUER, AUDIENCE }) {
    const [, what, number] = new URL(request.url).pathname.split("/");
    if (what === "clock") return number === "stop" ? stopClock() : moveClock(Number(number));
    if (what === "requirements") return requirements(Number(number), { issuer: ISSUER, audience: AUDIENCE });
    if (what === "many") return many(Number(number), { issuer: ISSUER, audience: AUDIENCE });
    verifier ??= createVerifier({ issuer: ISSUER, audience: AUDIENCE });
    try {
      const { claims } = await verifier.authenticate(request);
      return Response.json(claims);
    } catch (error) {
      return isAuthError(error) ? error.toResponse() : new Response(String(error), { status: 500 });
    }
  },
};

function stopClock() {
  const stopped = Date.now();
  Date.now = () => stopped;
  return new Response();
}

function moveClock(seconds) {
  const { now } = Date;
  Date.now = () => now() + seconds * 1000;
  return new Response();
}

/** Makes as many verifiers, each of its own options, and as many with the same; says how large the module's memory has become. */
async function many(count, options) {
  for (let number = 0; number < count; number += 1) {
    for (const audience of [options.audience, `${options.audience}/${number}`]) {
      await createVerifier({ ...options, audience }).verify("x").catch(() => {});
    }
  }
  return Response.json({ bytes: memory.buffer.byteLength, hasRegistry: typeof FinalizationRegistry === "function" });
}

/** Verifies with as many requirements, each of 100 KB; says how large the module's memory has become. */
async function requirements(count, options) {
  const verifier = createVerifier(options);
  for (let number = 0; number < count; number += 1) {
    const scope = Array.from({ length: 10_000 }, (_, place) => `scope-${place}`).concat(`number-${number}`);
    await verifier.verify("x", { scope }).catch(() => {});
  }
  return Response.json({ bytes: memory.buffer.byteLength });
}
