import type { HostResponse } from "./edge.js";

/** A signature algorithm with a public key: RFC 7518, RFC 8037, RFC 8812, RFC 9864. */
export type Algorithm =
  | "RS256"
  | "RS384"
  | "RS512"
  | "PS256"
  | "PS384"
  | "PS512"
  | "ES256"
  | "ES384"
  | "ES512"
  | "ES256K"
  | "EdDSA"
  | "Ed25519";

/**
 * A secret that an issuer shares with your API, to sign by HMAC (RFC 7518 section 3.2). Anybody who has it can sign tokens,
 * your API too; public keys are better.
 *
 * ```ts
 * const secret: SharedSecret = { algorithm: "HS256", key: new TextEncoder().encode("a secret of 32 bytes at least: 0") };
 * ```
 */
export interface SharedSecret {
  /** The only algorithm of the secret. */
  algorithm: "HS256" | "HS384" | "HS512";
  /** 32 bytes at least for HS256, 48 for HS384, 64 for HS512. */
  key: ArrayBuffer | ArrayBufferView;
}

/**
 * Where an issuer's keys come from. Give one of these at most; otherwise the metadata at the issuer's own URL names them,
 * and they are fetched and kept up to date.
 *
 * ```ts
 * const source: KeySource = { jwksUri: "https://login.example/keys" };
 * ```
 */
export interface KeySource {
  /**
   * The authority whose metadata names the keys, if it is not the issuer, as in Entra's External ID and B2C; or the URL of
   * the metadata itself. It may have a query, as Entra's `?appid=`.
   */
  authority?: string;
  /** The issuer's metadata, as JSON or parsed; only the keys are fetched then. */
  metadata?: object | string;
  /** The URL of the keys; no metadata is fetched then. */
  jwksUri?: string;
  /** The keys as a JWK Set, as JSON or parsed; nothing is fetched then. */
  jwks?: { keys: object[] } | string;
  /** A secret in place of public keys. No other algorithm is accepted of the issuer then. */
  secret?: SharedSecret;
}

/**
 * A store for keys and metadata. If it fails, the issuer is asked.
 *
 * ```ts
 * const kept = new Map<string, StoredResponse>();
 * const keyStore: KeyStore = { get: (url) => kept.get(url), put: (url, entry) => void kept.set(url, entry) };
 * ```
 */
export interface KeyStore {
  /** What was stored last for this URL. */
  get(url: string): StoredResponse | null | undefined | PromiseLike<StoredResponse | null | undefined>;
  /** Stores for a day. */
  put(url: string, entry: StoredResponse): unknown;
}

/**
 * What a {@link KeyStore} keeps: plain data.
 *
 * ```ts
 * const entry: StoredResponse = { body: '{"keys":[]}', storedAt: Date.now() };
 * ```
 */
export interface StoredResponse {
  readonly body: string;
  readonly etag?: string | undefined;
  readonly cacheControl?: string | undefined;
  /** In milliseconds since 1970. */
  readonly storedAt: number;
}

/**
 * Keys in the Cache API, as Cloudflare's data centres and Deno have it.
 *
 * ```ts
 * const verifier = createVerifier({ issuer: "https://login.example", audience: "api", keyStore: cacheKeyStore() });
 * ```
 *
 * @param cache Default: `caches.default`
 */
export function cacheKeyStore(cache?: {
  match(url: string): PromiseLike<{ json(): PromiseLike<unknown> } | undefined>;
  put(url: string, response: HostResponse): PromiseLike<unknown>;
}): KeyStore;

/**
 * Keys in Workers KV, for all data centres.
 *
 * ```ts
 * const verifier = createVerifier({ issuer: "https://login.example", audience: "api", keyStore: kvKeyStore(namespace) });
 * ```
 */
export function kvKeyStore(namespace: {
  get(name: string, type: "json"): PromiseLike<unknown>;
  put(name: string, value: string, options: { expirationTtl: number }): PromiseLike<unknown>;
}): KeyStore;

/**
 * Keys in memory that can be passed on: `JSON.stringify(store)` is what another process begins with.
 *
 * ```ts
 * const keyStore = memoryKeyStore();
 * const verifier = createVerifier({ issuer: "https://login.example", audience: "api", keyStore });
 * const elsewhere = memoryKeyStore(JSON.stringify(keyStore));
 * ```
 */
export function memoryKeyStore(entries?: string | { readonly [url: string]: StoredResponse }): KeyStore & { toJSON(): { [url: string]: StoredResponse } };
