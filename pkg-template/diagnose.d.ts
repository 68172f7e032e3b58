import type { ClientOptions } from "./index.js";

/**
 * What is wrong, and what to change where.
 *
 * ```ts
 * const show = ({ finding, change, message }: Diagnosis) => console.error(`${finding}, to be changed: ${change}. ${message}`);
 * ```
 */
export interface Diagnosis {
  /** What was found. */
  readonly finding:
    /** The page's policy forbids WebAssembly, or requests to a server. */
    | "csp_wasm"
    | "csp_connect"
    /** A server does not allow the page's origin. */
    | "cors"
    /** A URL redirects where a token must not follow. */
    | "redirects"
    /** A page over https asks for plain http. */
    | "mixed_content"
    /** A server cannot be reached, the device is offline, the provider is down, or what failed has passed. */
    | "unreachable"
    | "offline"
    | "provider_down"
    | "passed"
    /** The option authority is wrong, or names the issuer otherwise than the provider does. */
    | "authority"
    | "issuer"
    /** The provider does not know the client, or knows it as another kind of client. */
    | "client"
    | "client_type"
    /** The redirect URI is not registered or cannot work, or its page does not complete the sign-in. */
    | "redirect_uri"
    | "redirect_page"
    /** The provider does not know a scope, nobody has consented to it, the user declined, or has to do something. */
    | "scope"
    | "consent"
    | "declined"
    | "interaction"
    /** The browser denies storage, or this device's clock is wrong. */
    | "storage"
    | "clock"
    /** The page is not served securely, its WebAssembly file is missing, or it runs where it cannot. */
    | "insecure_context"
    | "wasm_file"
    | "platform"
    | "browser"
    /** The error is none of Countersign's, or nothing more than its own message was found. */
    | "page_error"
    | "unknown";
  /** What has to be changed: the page, the registration at the provider, a server, the browser's settings, the device, or nothing. */
  readonly change: "page" | "provider" | "server" | "browser" | "machine" | "nothing";
  /** What is wrong and what to do, for the page's author. Do not show it to users. */
  readonly message: string;
  /** What was tried, and what came of it. It holds no token and no secret. */
  readonly evidence: readonly string[];
}

/**
 * Finds out why a call failed. It sends requests of its own to the provider, without tokens, and may take seconds: load it
 * when something has failed, and for developers only.
 *
 * ```ts
 * try {
 *   await client.handleRedirect();
 * } catch (error) {
 *   const { diagnose } = await import("countersign/diagnose");
 *   const { finding, message, evidence } = await diagnose(error, options);
 *   console.error(finding, message, evidence);
 * }
 * ```
 *
 * If the provider shows an error page of its own, the page learns nothing of it until the user comes back, by which `signIn`
 * rejects with `sign_in_abandoned`. The diagnosis of that error looks at the registration.
 *
 * @param error what the call threw
 * @param options those of `createClient`
 */
export function diagnose(error: unknown, options: ClientOptions): Promise<Diagnosis>;
