// The vectors in Node, Deno and Bun: a line of JSON on standard input for a request to the Worker, and one for its response.

import { createInterface } from "node:readline";
import process from "node:process";

import { nodeCrypto } from "../../pkg/edge/node-crypto.js";
import { acceptsMessage, acceptsPrimitive } from "./check.js";

for await (const line of createInterface({ input: process.stdin })) {
  const { crypto, parameters, vectors } = JSON.parse(line);
  const accepted = [];
  for (const vector of vectors) {
    accepted.push((await (parameters === undefined ? acceptsMessage(crypto, vector) : acceptsPrimitive(nodeCrypto, parameters, vector))) ?? null);
  }
  console.log(JSON.stringify(accepted));
}
