import type { RequestLike } from "./verifier.js";

/**
 * What is asked of DPoP proofs (RFC 9449).
 *
 * ```ts
 * const dpop: DpopOptions = { required: true, nonce: true, url: "https://api.example" };
 * ```
 */
export interface DpopOptions {
  /** Whether every token must be bound to the key of a proof. Default: only a token that is bound needs one. */
  readonly required?: boolean;
  /** The accepted algorithms of proofs. Default: all with a public key. */
  readonly algorithms?: readonly string[];
  /** For how many seconds a proof is good, beside `clockTolerance`: 1 to 600. Default: 60. */
  readonly maxAge?: number;
  /**
   * Whether proofs must have a nonce of this API's, which changes each minute and is good for five: `true`, with a key of this
   * process's own; or with a key of 32 random bytes at least, the same in all instances of the API.
   */
  readonly nonce?: boolean | { readonly key: ArrayBuffer | ArrayBufferView };
  /**
   * The URL by which clients know the API, if a proxy stands before it: its beginning, as `https://api.example`, before the path of
   * the request; or a function that gives the whole URL. Default: the URL of the request.
   */
  readonly url?: string | ((request: RequestLike) => string | PromiseLike<string>);
  /** Where it is kept which proofs were used. Default: {@link memoryReplayStore}, one for all verifiers of the process. */
  readonly replay?: ReplayStore;
}

/**
 * Knows what was used before, so that a proof or a logout token is good once. Without its word nothing is accepted.
 *
 * ```ts
 * const seen = new Set<string>();
 * const replay: ReplayStore = { add: (id) => !seen.has(id) && seen.size < 1000 && seen.add(id).has(id) };
 * ```
 */
export interface ReplayStore {
  /**
   * Keeps the id until this time, in seconds since 1970. Returns whether it is the first one; of two calls at once, only one may be.
   */
  add(id: string, expiresAt: number): boolean | PromiseLike<boolean>;
}

/**
 * In the memory of this process: bounded, 100,000 by default. A full store accepts nothing more until something expires.
 *
 * ```ts
 * const dpop: DpopOptions = { replay: memoryReplayStore({ max: 1_000_000 }) };
 * ```
 */
export function memoryReplayStore(options?: { max?: number }): ReplayStore & { readonly size: number };

/**
 * In Workers KV. KV tells other data centres up to a minute later, and has no first of two at once: within that time a proof can be
 * used in two places. {@link durableObjectReplayStore} is exact.
 *
 * ```ts
 * const dpop: DpopOptions = { replay: kvReplayStore(namespace) };
 * ```
 */
export function kvReplayStore(namespace: {
  get(name: string): PromiseLike<string | null>;
  put(name: string, value: string, options: { expirationTtl: number }): PromiseLike<unknown>;
}): ReplayStore;

/**
 * In Durable Objects of the class {@link ReplayStoreObject}: exact in all data centres.
 *
 * ```ts
 * const dpop: DpopOptions = { replay: durableObjectReplayStore(objects) };
 * ```
 */
export function durableObjectReplayStore(namespace: {
  idFromName(name: string): any;
  get(id: any): { fetch(url: string, init: { method: string }): PromiseLike<{ readonly ok: boolean; readonly status: number; text(): PromiseLike<string> }> };
}): ReplayStore;

/**
 * The class of the Durable Objects: export it from your Worker, or one of your own, and name it in its configuration.
 *
 * ```ts
 * class UsedProofs extends ReplayStoreObject {}
 * ```
 */
export class ReplayStoreObject {
  constructor(state: { storage: any }, env?: unknown);
  fetch(request: { readonly url: string }): Promise<any>;
  alarm(): Promise<void>;
}

/**
 * Where the certificate is that the client has connected with.
 *
 * ```ts
 * const ofProxy: CertificateSource = { header: "client-cert" };
 * ```
 */
export type CertificateSource =
  /** A header that your proxy sets: RFC 9440's `Client-Cert`, PEM (also percent-encoded), or the SHA-256 of the certificate. */
  | { readonly header: string }
  /** Returns DER, PEM or the SHA-256 of the certificate, in hexadecimal digits or base64url; nothing, if there is none. */
  | ((request: any) => CertificateLike | PromiseLike<CertificateLike>);

type CertificateLike = string | ArrayBuffer | ArrayBufferView | null | undefined;

/**
 * What the response to a request that passed is to have in its headers: `dpop-nonce`, if the client is to take another nonce. The
 * guards send it.
 *
 * ```ts
 * const verified = await verifier.authenticate(request);
 * const response = Response.json({ hello: verified.claims["sub"] }, { headers: responseHeadersOf(request) });
 * ```
 */
export function responseHeadersOf(request: object): Record<string, string>;
