import type { HostRequest, HostResponse, Requirement, Verified, Verifier } from "./edge.js";

/**
 * The metadata of your API as a protected resource (RFC 9728), by which clients find the issuer: MCP clients for example.
 * The members are the document's own; those of texts may also be given by language, as `resource_name#de`.
 *
 * ```ts
 * const resourceMetadata: ResourceMetadata = { resource: "https://api.example/mcp", scopes_supported: ["notes.read"] };
 * ```
 */
export interface ResourceMetadata {
  /** Your API's https URL, in lower case, without query, fragment and slash at its end; http is accepted on localhost. */
  readonly resource: string;
  /** Where clients get tokens. Default: the verifier's issuers. Required if one of them has a placeholder. */
  readonly authorization_servers?: readonly [string, ...string[]];
  /**
   * The scopes that clients may ask for, without `offline_access`. Default: the verifier's `scope`. At Entra with the
   * Application ID URI in front, as `https://api.example/mcp/Notes.Read`: challenges name scopes as they are here.
   */
  readonly scopes_supported?: readonly [string, ...string[]];
  /** What users call your API. */
  readonly resource_name?: string;
  /** The URL of its documentation for developers. */
  readonly resource_documentation?: string;
  /** The URL of its privacy policy. */
  readonly resource_policy_uri?: string;
  /** The URL of its terms of service. */
  readonly resource_tos_uri?: string;
  readonly [localized: `resource_${"name" | "documentation" | "policy_uri" | "tos_uri"}#${string}`]: string;
}

/**
 * Which pages may call your API from other origins, for the guards. They respond to preflights, allow the headers
 * `Authorization` and `Content-Type`, and expose `WWW-Authenticate` and `Retry-After`, on refusals too.
 *
 * ```ts
 * const cors: CorsOptions = { origins: ["https://app.example", "http://localhost:5173"], headers: ["if-match"] };
 * ```
 */
export interface CorsOptions {
  /** The pages' origins; a function that decides; or `*` for all pages, which is safe as long as tokens alone let a request pass. */
  readonly origins: string | readonly string[] | ((origin: string) => boolean | PromiseLike<boolean>);
  /** Default: GET, HEAD, POST, PUT, PATCH and DELETE. */
  readonly methods?: readonly string[];
  /** Further headers that pages may send. */
  readonly headers?: readonly string[];
  /** Further headers that pages may read. */
  readonly exposeHeaders?: readonly string[];
  /** Whether pages may send cookies along. Default: no. Never for all origins. */
  readonly credentials?: boolean;
  /** For how many seconds a browser may remember a preflight. Default: 600. */
  readonly maxAge?: number;
}

/**
 * Guards a handler from `Request` to `Response`: on Workers, Deno and Bun, in Next's routes and middleware. It sends the
 * response to a request that it refuses, to a preflight if the verifier has {@link CorsOptions}, and to a request for its
 * {@link ResourceMetadata}. An `AuthError` of the handler gets its response too; other errors are passed on. A route of Next that
 * pages call exports it as `OPTIONS` too.
 *
 * ```ts
 * const fetch = guard(verifier, { scope: "notes.read" }, (_, { claims }) => Response.json({ hello: claims["sub"] }));
 * ```
 *
 * @param handler gets what else the host passes, as `env` and `context`, behind the verified token
 */
export function guard<R extends HostRequest, Rest extends unknown[]>(
  verifier: Pick<Verifier, "authenticate">,
  requirement: Requirement,
  handler: (request: R, verified: Verified, ...rest: Rest) => HostResponse | PromiseLike<HostResponse>,
): (request: R, ...rest: Rest) => Promise<HostResponse>;
export function guard<R extends HostRequest, Rest extends unknown[]>(
  verifier: Pick<Verifier, "authenticate">,
  handler: (request: R, verified: Verified, ...rest: Rest) => HostResponse | PromiseLike<HostResponse>,
): (request: R, ...rest: Rest) => Promise<HostResponse>;

/**
 * The same as middleware of Hono. Handlers get the token by {@link verifiedOf}`(c.req.raw)`.
 *
 * ```ts
 * app.use("/notes/*", honoGuard(verifier, { scope: "notes.read" }));
 * ```
 */
export function honoGuard(
  verifier: Pick<Verifier, "authenticate">,
  requirement?: Requirement,
): (context: { readonly req: { readonly raw: HostRequest }; res: HostResponse }, next: () => Promise<void>) => Promise<HostResponse | undefined>;

/** What {@link nodeGuard} reads of a request, Node's own or Fastify's. */
export interface NodeRequest {
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  readonly method?: string | undefined;
  readonly url?: string | undefined;
}

/** What {@link nodeGuard} uses of a response of Node. */
export interface NodeResponse {
  readonly headersSent: boolean;
  setHeader(name: string, value: string): unknown;
  getHeader(name: string): unknown;
  writeHead(status: number, headers?: Record<string, string>): { end(body?: string): unknown };
  end(body?: string): unknown;
}

/**
 * Guards a handler of `node:http`, as {@link guard} does.
 *
 * ```ts
 * http.createServer(nodeGuard(verifier, { scope: "notes.read" }, (_, response, { claims }) => response.end(`${claims["sub"]}`)));
 * ```
 */
export function nodeGuard<Q extends NodeRequest, S extends NodeResponse>(
  verifier: Pick<Verifier, "authenticate">,
  requirement: Requirement,
  handler: (request: Q, response: S, verified: Verified) => unknown,
): (request: Q, response: S) => Promise<void>;
export function nodeGuard<Q extends NodeRequest, S extends NodeResponse>(
  verifier: Pick<Verifier, "authenticate">,
  handler: (request: Q, response: S, verified: Verified) => unknown,
): (request: Q, response: S) => Promise<void>;
/**
 * Middleware of Express, and the hook `onRequest` of Fastify. Handlers get the token by {@link verifiedOf}`(request)`.
 *
 * ```ts
 * app.use("/notes", nodeGuard(verifier, { scope: "notes.read" }));
 * ```
 */
export function nodeGuard(
  verifier: Pick<Verifier, "authenticate">,
  requirement?: Requirement,
): (
  request: NodeRequest | { readonly raw: NodeRequest },
  response: NodeResponse | { readonly raw: NodeResponse; hijack(): unknown },
  next: (error?: any) => void,
) => void;

/**
 * What the token of a request says that a guard let pass: a `Request`, Node's, Express's or Fastify's.
 *
 * ```ts
 * const { claims, scopes } = verifiedOf(request);
 * ```
 *
 * @throws {AuthError} `invalid_option` if no guard let it pass
 */
export function verifiedOf(request: object): Verified;
