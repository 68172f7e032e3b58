import type { HostRequest, HostResponse } from "./edge.js";
import type { Verifier } from "./verifier.js";

/**
 * Whose sessions have ended, as the provider says: the session `sid`, or all of the user `sub` if there is no `sid`.
 *
 * ```ts
 * const { sub, sid }: LogoutToken = await verifier.verifyLogoutToken(token);
 * ```
 */
export interface LogoutToken {
  readonly claims: Readonly<Record<string, unknown>>;
  readonly header: Readonly<Record<string, unknown>>;
  readonly issuer: string;
  readonly sub?: string;
  readonly sid?: string;
}

/**
 * Handles the requests to your `backchannel_logout_uri` (OpenID Connect Back-Channel Logout 1.0). The verifier's audience is your
 * client ID.
 *
 * ```ts
 * const logout = backChannelLogout(verifier, ({ sub, sid }) => sessions.end({ sub, sid }));
 * ```
 *
 * @param ended ends the sessions; if it fails, the provider is told so. It gets what else the host passes, as `env`, behind the request
 */
export function backChannelLogout<R extends HostRequest, Rest extends unknown[]>(
  verifier: Pick<Verifier, "verifyLogoutToken">,
  ended: (logout: LogoutToken, request: R, ...rest: Rest) => unknown,
): (request: R, ...rest: Rest) => Promise<HostResponse>;

/**
 * What a request to your `frontchannel_logout_uri` says (OpenID Connect Front-Channel Logout 1.0): issuer and session, or nothing
 * if your client was registered without. Anybody can send one, so end no other session than that of its cookie.
 *
 * ```ts
 * const { sid } = readFrontChannelLogout(request.url, { issuer: "https://login.example" });
 * ```
 *
 * @throws {AuthError} `token_issuer_mismatch`, `token_claim_invalid`
 */
export function readFrontChannelLogout(url: string, options: { issuer: string }): { iss?: string; sid?: string };
