import type { FetchInit, HostResponse, WasmSource } from "./edge.js";
import type { Algorithm, KeySource, KeyStore } from "./key-store.js";

/**
 * Options of {@link verifyJws}, a plain object: where the sender's keys come from, of which there is one way, and more.
 *
 * ```ts
 * const options: JwsOptions = { jwksUri: "https://sender.example/keys", algorithms: ["ES256"] };
 * ```
 */
export type JwsOptions = JwsSettings & (Pick<Required<KeySource>, "jwksUri"> | Pick<Required<KeySource>, "jwks"> | Pick<Required<KeySource>, "secret">);

interface JwsSettings {
  /** The accepted algorithms of public keys. Default: all of {@link Algorithm}. */
  algorithms?: Algorithm[];
  /**
   * The payload of a message that came without it (RFC 7515 appendix F): the body of the request, byte for byte. It is
   * signed as it is if the header has `b64: false` (RFC 7797), and encoded otherwise.
   */
  payload?: ArrayBuffer | ArrayBufferView | string;
  /** Where the keys of `jwksUri` are kept for other isolates and processes, as for a verifier. Default: in memory only. */
  keyStore?: KeyStore;
  /** What fetches the keys. Default: the runtime's `fetch`. */
  fetch?: (url: string, init: FetchInit) => PromiseLike<HostResponse>;
  /** What checks the signature, as in {@link VerifierOptions}. */
  crypto?: "auto" | "host" | "rust";
  /** Where the WebAssembly comes from, as in {@link VerifierOptions}. */
  wasm?: WasmSource | PromiseLike<WasmSource>;
}

/**
 * A message that the key's owner signed.
 *
 * ```ts
 * const { header, payload }: VerifiedJws = await verifyJws(jws, { jwksUri: "https://sender.example/keys" });
 * ```
 */
export interface VerifiedJws {
  header: Record<string, unknown>;
  payload: Uint8Array;
}

/**
 * Verifies a signed message that is no access token, as a webhook's: a JWS in compact serialization, of 64 KiB at most.
 * The keys of `jwksUri` are remembered among calls, and kept up to date.
 *
 * Who signed the message is all that it says. Whether it is for you, and whether it is new, is in the payload: look at
 * both, or anybody can send you again what you were sent before, or what somebody else was sent.
 *
 * ```ts
 * const body = new Uint8Array(await request.arrayBuffer());
 * const signature = request.headers.get("x-jws-signature") ?? "";
 * await verifyJws(signature, { jwksUri: "https://sender.example/keys", payload: body });
 * ```
 *
 * @throws {AuthError} the codes of a token's form and signature, as `token_malformed`, `critical_header_unknown`,
 * `algorithm_not_allowed` or `signature_invalid`; `key_unknown`, `keys_unavailable`; `invalid_option`
 */
export function verifyJws(jws: string, options: JwsOptions): Promise<VerifiedJws>;
