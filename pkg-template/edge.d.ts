import { AuthError as PlainAuthError } from "./auth-error.js";

export type { AuthErrorCode } from "./auth-error.js";
export * from "./guard.js";
export * from "./jws.js";
export * from "./key-store.js";
export * from "./logout.js";
export * from "./proof.js";
export * from "./requirement.js";
export * from "./service.js";
export * from "./verifier.js";

/**
 * What the option `wasm` of {@link VerifierOptions} takes.
 *
 * ```ts
 * const wasm: WasmSource = new Uint8Array(await (await fetch("https://app.example/countersign.wasm")).arrayBuffer());
 * ```
 */
export type WasmSource = string | { readonly href: string } | ArrayBuffer | ArrayBufferView | HostModule | HostResponse;

/**
 * A response as data.
 *
 * ```ts
 * const refusal: RefusalResponse = { status: 401, headers: { "www-authenticate": "Bearer" }, body: "{}" };
 * ```
 */
export interface RefusalResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the option `fetch` of {@link VerifierOptions} is called with, the second argument of the runtime's `fetch`. */
export interface FetchInit {
  method: string;
  headers: [string, string][];
  redirect: "manual";
  signal: HostSignal;
}

/** The runtime's `AbortSignal`, by the declarations that the project has. */
type HostSignal = typeof globalThis extends { AbortSignal: { prototype: infer S } } ? S : object;

/** The runtime's `WebAssembly.Module`, by the declarations that the project has. */
type HostModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer M } } } ? M : object;

/** The runtime's `Request`, by the declarations that the project has. */
export type HostRequest = typeof globalThis extends { Request: { prototype: infer R } }
  ? R
  : { readonly method: string; readonly url: string; readonly headers: { get(name: string): string | null } };

/** The runtime's `Response`, by the declarations that the project has: of the DOM, of Node, of Workers. */
export type HostResponse = typeof globalThis extends { Response: { prototype: infer R } }
  ? R
  : { readonly status: number; readonly headers: { get(name: string): string | null }; text(): Promise<string> };

/** Every failure of this build. */
export class AuthError extends PlainAuthError {
  /**
   * The response to the request whose token was refused (RFC 6750), with its status and `WWW-Authenticate`; with status 503
   * and `Retry-After` if the key of the token is not known now. On an
   * error of a `ConfidentialClient`: the response to the caller of your API.
   *
   * ```ts
   * if (isAuthError(error)) return error.toResponse();
   * ```
   */
  toResponse(): HostResponse;
  /**
   * The same as data, for hosts that have no `Response`.
   *
   * ```ts
   * if (isAuthError(error)) outgoing.writeHead(error.response.status, error.response.headers).end(error.response.body);
   * ```
   */
  readonly response: RefusalResponse;
}

/** Whether this is an {@link AuthError}, also one that another copy of the package threw. */
export function isAuthError(error: unknown): error is AuthError;
