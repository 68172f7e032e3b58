// Whether a vector is accepted, in any runtime.

import { verifyJws } from "countersign/edge";

const bytes = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

/** By the host's crypto as the package uses it. @returns {Promise<boolean | undefined>} nothing if the host lacks the algorithm */
export async function acceptsPrimitive(host, parameters, { message, signature, jwk, isRefusedBefore }) {
  if (isRefusedBefore) return false;
  let key;
  try {
    key = await host.importKey(parameters, jwk);
  } catch {
    return undefined;
  }
  return host.verify(parameters, key, bytes(signature), bytes(message));
}

/** By `verifyJws`. @returns {Promise<boolean>} */
export async function acceptsMessage(crypto, { jws, jwks, secret }) {
  const keys = secret === undefined ? { jwks } : { secret: { ...secret, key: bytes(secret.key.replaceAll("-", "+").replaceAll("_", "/")) } };
  try {
    await verifyJws(jws, { ...keys, crypto });
    return true;
  } catch (error) {
    if (error?.name !== "AuthError" || error.code === "internal") throw error;
    return false;
  }
}
