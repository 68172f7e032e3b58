// What the guards found out about requests, for handlers that get nothing but the request.

import { invalid } from "./plain.js";

const verdicts = new WeakMap();

export function remember(request, verified) {
  verdicts.set(request, verified);
}

export function verifiedOf(request) {
  const verified = verdicts.get(request) ?? verdicts.get(request?.raw);
  // A handler that no guard stands before must not take everybody for nobody.
  if (verified === undefined) throw invalid("request", "has passed no guard");
  return verified;
}
