// The ways to verify, which all follow one policy.

import { createVerifier } from "countersign/edge";

import { AUDIENCE, ISSUER } from "./tokens.js";

const asynchronous = (crypto) => ({
  verifier(options) {
    const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, crypto, ...options });
    return (token, requirement) => verifier.verify(token, requirement);
  },
});

/** Each makes of options a call that verifies. */
export const WAYS = {
  host: asynchronous("host"),
  rust: asynchronous("rust"),
  auto: asynchronous("auto"),
  verifySync: {
    verifier(options) {
      const verifier = createVerifier({ issuer: ISSUER, audience: AUDIENCE, ...options });
      return (token, requirement) => verifier.verifySync(token, requirement);
    },
  },
};

/** Runs for each way. */
export function forEachWay(body) {
  for (const [name, { verifier }] of Object.entries(WAYS)) body(name, verifier);
}
