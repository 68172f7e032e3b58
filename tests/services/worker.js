// The suite as a Worker: each case is a request of its own.

import { cases, runCase } from "./suite.js";

export default {
  async fetch(request, { PROVIDER }) {
    if (request.method === "GET") return Response.json([...cases.keys()]);
    return Response.json(await runCase(await request.text(), PROVIDER));
  },
};
