// The benchmark's Worker. Time stands still in workerd while code runs, so the requests are timed
// by who makes them; the tokens of a round are brought beforehand.

import { createVerifier } from "countersign/edge";

import { candidates, verifyAll } from "./candidates.js";

let known;
let prepared;

export default {
  async fetch(request) {
    const url = new URL(request.url);
    const name = url.searchParams.get("candidate");
    switch (url.pathname) {
      case "/keys":
        known = candidates(createVerifier, await request.json());
        return Response.json(Object.entries(known).map(([name, { isSlow = false }]) => ({ name, isSlow })));
      case "/tokens":
        prepared = (await request.json()).map(known[name].prepare);
        return new Response();
      case "/verify":
        await verifyAll(known[name], prepared);
        return new Response();
      default:
        return new Response();
    }
  },
};
