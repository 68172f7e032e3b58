import { decodeJwt } from "jose";
import { issuers } from "../issuers.js";
import { signedOutPage } from "../pages/signed-out.js";
import { isRegistered } from "../redirects.js";
import { readRequest, requireKnownTenant } from "../request.js";
import { readLoginHint } from "../sign-in/hints.js";

/**
 * `/{tenant}/oauth2/logout` and `/{tenant}/oauth2/v2.0/logout` (OpenID Connect RP-Initiated Logout 1.0):
 * ends the session, calls the applications' front-channel URLs, and goes back if the URL is registered.
 */
export function logoutEndpoint(authority, version) {
  return async (c) => {
    const request = await readRequest(authority, c, version);
    requireKnownTenant(request);
    const { post_logout_redirect_uri: target, state, logout_hint: hint } = request.parameters;
    const ended = authority.sessions.signOut(c, readLoginHint(authority.directory, hint));
    const clients = new Set(ended.flatMap((entry) => [...entry.clients]));
    const asking = clientOf(request);
    if (asking) clients.add(asking);

    const registrations = [...clients].map((id) => authority.directory.registration(id)).filter(Boolean);
    const registered = target && registrations.some((client) => isRegistered(client, target));
    const frames = frontChannelUrls(authority, request, ended);
    const onward = registered ? withState(target, state) : undefined;
    if (onward && frames.length === 0) return c.redirect(onward);
    return signedOutPage(c, { onward, frames, unregistered: target && !registered ? target : undefined });
  };
}

function clientOf({ parameters }) {
  if (parameters.client_id) return parameters.client_id;
  try {
    return parameters.id_token_hint && decodeJwt(parameters.id_token_hint).aud;
  } catch {
    return undefined;
  }
}

/** OpenID Connect Front-Channel Logout 1.0 section 2: `iss` and `sid` together. */
function frontChannelUrls({ directory }, { origin }, ended) {
  return ended.flatMap((entry) =>
    [...entry.clients].flatMap((id) => {
      const frontChannel = directory.registration(id)?.frontChannelLogoutUrl;
      if (!frontChannel) return [];
      const url = new URL(frontChannel);
      url.searchParams.set("iss", issuers(origin, directory.tenant(entry.user.tenant)).v2);
      url.searchParams.set("sid", entry.sid);
      return [url.href];
    }),
  );
}

function withState(target, state) {
  const url = new URL(target);
  if (state !== undefined) url.searchParams.set("state", state);
  return url.href;
}
