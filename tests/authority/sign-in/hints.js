import { CONSUMERS } from "../directory/directory.js";

/** `login_hint`: a name, or the opaque `login_hint` claim of an ID token. */
export function readLoginHint(directory, hint) {
  if (!hint || directory.user(hint)) return hint?.trim().toLowerCase();
  const opened = Buffer.from(hint, "base64url").toString("utf8");
  return opened.startsWith("O.") ? opened.slice(2) : hint.trim().toLowerCase();
}

/**
 * `domain_hint`: `organizations`, `consumers` or a domain, so that a person is not asked where the account
 * is. A domain that nobody here is of says nothing.
 */
export function readDomainHint(directory, hint) {
  const wanted = hint?.trim().toLowerCase();
  return wanted && directory.data.users.some((user) => isOfDomain(directory, user, wanted)) ? wanted : undefined;
}

/** Whether an account is one that a domain hint means; every account is without a hint. */
export function isOfDomain(directory, user, hint) {
  if (!hint) return true;
  const home = directory.tenant(user.tenant);
  if (hint === "consumers") return home.id === CONSUMERS;
  if (hint === "organizations") return home.id !== CONSUMERS;
  return home.domain === hint || user.name.toLowerCase().endsWith(`@${hint}`);
}
