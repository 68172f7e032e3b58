import { Refusal } from "./refusals.js";

/** What a policy's grant control asks for, and the refusal when a silent request does not meet it. */
const CONTROLS = {
  mfa: 50076,
  compliantDevice: 53000,
  domainJoinedDevice: 53001,
  approvedApplication: 53002,
  block: 53003,
  registrationBlockedByRisk: 53004,
};

export const CONTROL_NAMES = Object.keys(CONTROLS);

/**
 * The first Conditional Access policy of the tenant that this sign-in does not meet.
 *
 * A policy is `{ id, applications: [resource name or "all"], users?: [name], control }`.
 * @returns {Refusal | undefined} with the `claims` that the client is to send with its next authorization request
 */
export function unmetPolicy({ tenant, account, resources, mfa, authenticationContexts = [] }) {
  for (const policy of tenant.conditionalAccess ?? []) {
    const applies =
      (policy.applications.includes("all") || resources.some((r) => policy.applications.includes(r.name))) &&
      (!policy.users || policy.users.includes(account.user.name));
    if (!applies || (policy.control === "mfa" && mfa)) continue;
    return refusalOf(policy.control, account, resources, { polids: { essential: true, values: [policy.id] } });
  }
  if (authenticationContexts.length && !mfa) {
    return refusalOf("mfa", account, resources, { acrs: { essential: true, value: authenticationContexts[0] } });
  }
  return undefined;
}

/** Whether a person at a page can do something about it. */
export function canBeMetInteractively(refusal) {
  return refusal.code === 50076;
}

function refusalOf(control, account, resources, claim) {
  // 50079 where the user has no second factor yet, 50076 where one is only to be used.
  const code = control === "mfa" && !account.user.mfa ? 50079 : CONTROLS[control];
  const resource = resources[0]?.clientId ?? "";
  return new Refusal(code, { resource }, { claims: JSON.stringify({ access_token: claim }) });
}
