// The benchmark's Worker. Time stands still in workerd while code runs, so the requests are timed
// by who makes them; the tokens of a round are brought beforehand.

import { createVerifier } from "countersign/edge";

import { candidates, inWay, verifyAll } from "./candidates.js";

let known;
let way;
let prepared;

export default {
  async fetch(request) {
    const url = new URL(request.url);
    const name = url.searchParams.get("candidate");
    switch (url.pathname) {
      case "/keys": {
        const material = await request.json();
        way = material.way;
        known = candidates(createVerifier, material);
        return Response.json(Object.entries(known).map(([name, { isSlow = false }]) => ({ name, isSlow })));
      }
      case "/tokens": {
        const { before, batch } = inWay(way, await request.json());
        await verifyAll(known[name], before.map(known[name].prepare), way);
        prepared = batch.map(known[name].prepare);
        return new Response();
      }
      case "/verify":
        await verifyAll(known[name], prepared, way);
        return new Response();
      default:
        return new Response();
    }
  },
};
