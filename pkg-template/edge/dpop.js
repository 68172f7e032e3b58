// Proofs that the sender of a token has the key that it is bound to: RFC 9449 section 7.

import { AuthError } from "../auth-error.js";
import { decode } from "../crossing.js";
import { fromHost } from "./host-keys.js";
import { headerOf } from "./headers.js";
import { ImportedKeys } from "./imported-keys.js";
import { invalid } from "./plain.js";
import { memoryReplayStore } from "./replay-stores.js";
import { inTime } from "./in-time.js";

/** For all verifiers of an isolate: one that is made for each request knows what the one before it saw. */
const seen = /* @__PURE__ */ memoryReplayStore();
const keys = /* @__PURE__ */ new ImportedKeys();
/** By the request. A guard inside of another checks the same proof again, which is no replay. */
const uses = new WeakMap();
const nonces = new WeakMap();

/**
 * Verifies the proof of a request, but for its being used for the first time.
 *
 * @returns {Promise<{ key: string, id: string, expiresAt: number, nonce?: string }>}
 */
export async function proofOf(request, token, { core, host, crypto, url }) {
  const proof = headerOf(request.headers, "dpop");
  if (proof === undefined) throw new AuthError("proof_missing");
  const { method } = request;
  if (typeof method !== "string") throw invalid("request", "must have a method and a URL, which a proof is compared with");
  const examined = core.examineProof(proof, method, await urlOf(request, url), token);
  let isRight;
  try {
    isRight = await fromHost(host, examined, crypto, keys);
  } catch (error) {
    examined.free();
    throw error;
  }
  const { key, id, expiresAt, nonce } = decode(core.openProof(examined, isRight));
  return { key, id, expiresAt: Number(expiresAt), nonce };
}

/** Refuses a proof that was used before, and tells the client about the next nonce. */
export async function useProof(request, { id, expiresAt, nonce }, replay = seen) {
  if (uses.get(request)?.id !== id) uses.set(request, { id, isFirst: firstUse(replay, id, expiresAt) });
  if (!(await uses.get(request).isFirst)) throw new AuthError("proof_replayed");
  if (nonce !== undefined) nonces.set(request, nonce);
}

/** Refuses a logout token that was used before. Its name is in no proof's. */
export async function useLogoutToken(id, expiresAt, replay = seen) {
  if (!(await firstUse(replay, `logout-${id}`, expiresAt))) throw new AuthError("logout_token_replayed");
}

/** What the response to a request that passed is to have in its headers. */
export function responseHeadersOf(request) {
  const nonce = nonces.get(request) ?? nonces.get(request?.raw);
  return nonce === undefined ? {} : { "dpop-nonce": nonce };
}

/** Whether the store has not seen this name. Without its word nothing is accepted. */
async function firstUse(store, id, expiresAt) {
  let isFirst;
  try {
    isFirst = await inTime(store.add(id, expiresAt));
  } catch (cause) {
    throw new AuthError("replay_store_unavailable", {}, cause);
  }
  if (typeof isFirst !== "boolean") throw new AuthError("replay_store_unavailable", { detail: "add must return true or false" });
  return isFirst;
}

/** The URL by which the client knows the resource. */
async function urlOf(request, given) {
  const url = typeof given === "function" ? await given(request) : ownUrl(request, given);
  if (typeof url !== "string") throw invalid("dpop.url", "must return the URL of the request");
  return url;
}

function ownUrl({ url, originalUrl = url, headers, socket }, base) {
  // Node has the path only.
  const isWhole = typeof originalUrl === "string" && /^https?:/i.test(originalUrl);
  const path = isWhole ? originalUrl.replace(/^[^:]+:\/\/[^/?#]*/, "") : originalUrl;
  if (base !== undefined) return `${base.replace(/\/$/, "")}${path}`;
  if (isWhole) return originalUrl;
  const authority = headerOf(headers, "host") ?? headerOf(headers, ":authority");
  return `${socket?.encrypted === true ? "https" : "http"}://${authority}${path}`;
}

/** @param given the option `dpop` @returns its members, checked as far as they are JavaScript's */
export function dpopOf({ required, algorithms, maxAge, nonce, url, replay, ...others }) {
  const [other] = Object.keys(others);
  if (other !== undefined) throw invalid(`dpop.${other}`, "is not known");
  if (required !== undefined && typeof required !== "boolean") throw invalid("dpop.required", "must be true or false");
  if (replay !== undefined && typeof replay?.add !== "function") throw invalid("dpop.replay", "must have the method add");
  const isBase = typeof url === "string" && URL.canParse(url) && !/[?#]/.test(url);
  if (url !== undefined && typeof url !== "function" && !isBase) throw invalid("dpop.url", "must be the API's own URL or a function");
  if (![undefined, true, false].includes(nonce) && !(typeof nonce === "object" && Object.hasOwn(nonce ?? {}, "key"))) {
    throw invalid("dpop.nonce", "must be true or have a key");
  }
  return { required, algorithms, maxAge, nonce, url, replay };
}

/** What the core calls the key; `true` until it is this isolate's. */
export const NONCE_KEY = "dpop.nonceKey";

/** The nonces' key, if the caller gives none: that of this isolate, whatever verifier asks. */
let ownKey;
export const ownNonceKey = () => (ownKey ??= crypto.getRandomValues(new Uint8Array(32)));
