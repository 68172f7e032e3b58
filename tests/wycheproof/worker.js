// The vectors as a Worker: a request has some of them.

import { webCrypto } from "../../pkg/edge/web-crypto.js";
import { acceptsMessage, acceptsPrimitive } from "./check.js";

export default {
  async fetch(request) {
    const { crypto, parameters, vectors } = await request.json();
    const accepts = (vector) => (parameters === undefined ? acceptsMessage(crypto, vector) : acceptsPrimitive(webCrypto, parameters, vector));
    const accepted = [];
    for (const vector of vectors) accepted.push((await accepts(vector)) ?? null);
    return Response.json(accepted);
  },
};
