// A Worker as an API's author writes it, whose isolate has done nothing before its first requests.

import { createVerifier, isAuthError } from "countersign/edge";

let verifier;

export default {
  async fetch(request, { ISSUER, AUDIENCE }) {
    verifier ??= createVerifier({ issuer: ISSUER, audience: AUDIENCE });
    try {
      const { claims } = await verifier.authenticate(request);
      return Response.json(claims);
    } catch (error) {
      return isAuthError(error) ? error.toResponse() : new Response(String(error), { status: 500 });
    }
  },
};
