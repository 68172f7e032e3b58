import { canBeMetInteractively, unmetPolicy } from "../conditional-access.js";
import { missingConsent, needsAdministrator, recordConsent, staticPermissions } from "../consent.js";
import { CONSUMERS, GRAPH } from "../directory/directory.js";
import { Refusal } from "../refusals.js";
import { notInTenant, requireResource, requireVersionFor } from "../request.js";
import { accountPage } from "../pages/account.js";
import { consentPage } from "../pages/consent.js";
import { mfaPage } from "../pages/mfa.js";
import { passwordPage, userNamePage } from "../pages/user-name.js";
import { isOfDomain, readLoginHint } from "./hints.js";

/**
 * Carries an interactive request as far as it can get without asking: to a page, or to its end.
 * Called for the first request and again after each page.
 */
export async function proceed(authority, c, transaction) {
  const page =
    chooseUser(authority, c, transaction) ??
    enterTenant(authority, transaction) ??
    satisfyPolicies(authority, c, transaction) ??
    obtainConsent(authority, c, transaction);
  if (page) return page;
  authority.transactions.close(transaction);
  return transaction.complete(c, transaction);
}

/** Which account: from the session, from the hint, or asked. */
function chooseUser(authority, c, transaction) {
  if (transaction.signedIn) return undefined;
  const { prompt, sid } = transaction;
  const hint = readLoginHint(authority.directory, transaction.loginHint);
  const accounts = [...(authority.sessions.of(c)?.accounts.values() ?? [])].filter((entry) => isMeant(authority.directory, transaction, entry.user));
  if (prompt !== "login" && prompt !== "select_account") {
    const named = accounts.find((entry) => (hint && entry.user.name === hint) || (sid && entry.sid === sid));
    const only = !hint && !sid && accounts.length === 1 ? accounts[0] : undefined;
    transaction.signedIn = named ?? only;
    if (transaction.signedIn) return undefined;
    if (prompt === "none") throw new Refusal(accounts.length > 1 && !hint && !sid ? 16000 : 50058);
  }
  if (authority.settings.automatic) {
    const user = hint ? authority.directory.user(hint) : automaticUser(authority, transaction);
    if (!user) throw new Refusal(50034, { user: hint, tenant: transaction.tenant?.name ?? transaction.tenantSegment });
    transaction.signedIn = authority.sessions.signIn(c, user, { mfa: false });
    return undefined;
  }
  if (hint) return passwordPage(c, transaction, { userName: hint });
  return accounts.length ? accountPage(c, transaction, accounts) : userNamePage(c, transaction);
}

/** Who signs in when there are no pages: the one that was set, unless the request means others. */
function automaticUser({ directory, settings }, transaction) {
  const user = directory.user(settings.automatic.user);
  if (user && isMeant(directory, transaction, user)) return user;
  return directory.data.users.find((other) => isMeant(directory, transaction, other)) ?? user;
}

/** An account that the endpoint serves, of the domain that was hinted at. */
function isMeant(directory, transaction, user) {
  return fits(directory, transaction, user) && isOfDomain(directory, user, transaction.domainHint);
}

/** `consumers` shows personal accounts only, `organizations` shows none of them, a tenant for customers only its own. */
function fits(directory, { tenantSegment, tenant }, user) {
  if (["external", "b2c"].includes(tenant?.kind)) return Boolean(directory.account(user, tenant.id));
  const personal = directory.tenant(user.tenant).id === CONSUMERS;
  if (tenantSegment === "consumers" || tenantSegment === CONSUMERS) return personal;
  return tenantSegment === "organizations" ? !personal : true;
}

/** The tenant that the token will come from, and the user as an object of it. */
function enterTenant(authority, transaction) {
  const { directory } = authority;
  const { client, signedIn, tenantSegment } = transaction;
  const home = directory.tenant(signedIn.user.tenant);
  const shared = tenantSegment === "common" || tenantSegment === "organizations";
  const tenant = shared ? home : transaction.tenant;
  const account = directory.account(signedIn.user, tenant.id);
  requireVersionFor(tenant, transaction.request);
  if (!account || !fits(directory, transaction, signedIn.user)) throw notInTenant(home, signedIn.user, tenant, client);
  if (!directory.admits(client, tenant) && !client.firstParty) {
    throw new Refusal(700016, { client: client.clientId, tenant: tenant.name });
  }
  for (const api of transaction.wanted.apis) requireResource(authority, api, tenant);
  requireAssignment(directory, client, account);
  Object.assign(transaction, { signedInTenant: tenant, account });
  return undefined;
}

/** "User assignment required" of the application that is signed in to. */
function requireAssignment(directory, client, { tid, user }) {
  if (!client.appRoleAssignmentRequired) return;
  if (directory.assignedRoles({ tenantId: tid, user, resource: client }).length > 0) return;
  throw new Refusal(50105, { user: user.name, client: client.clientId, name: client.name });
}

/** A second factor where a policy wants one; what no page can mend is refused. */
function satisfyPolicies(authority, c, transaction) {
  const { signedIn, account, claimsRequest } = transaction;
  const refusal = unmetPolicy({
    tenant: transaction.signedInTenant,
    account,
    resources: transaction.wanted.apis.map((api) => api.resource),
    mfa: signedIn.mfa,
    authenticationContexts: claimsRequest.authenticationContexts,
  });
  const challenged = claimsRequest.policies.length > 0 && !signedIn.mfa && account.user.mfa;
  if (!refusal && !challenged) return undefined;
  if (transaction.prompt === "none") throw refusal ?? new Refusal(50076, { resource: "" });
  if (refusal && !canBeMetInteractively(refusal)) throw refusal;
  if (authority.settings.automatic) {
    transaction.signedIn = authority.sessions.signIn(c, signedIn.user, { mfa: true });
    return undefined;
  }
  return mfaPage(c, transaction);
}

function obtainConsent(authority, c, transaction) {
  const { directory } = authority;
  const { client, wanted, signedInTenant: tenant, account, prompt } = transaction;
  const user = account.user;
  if (transaction.consented) return undefined;
  const forTenant = isForTenant(transaction);
  const missing = forTenant ? [] : missingConsent({ directory, tenantId: tenant.id, client, user, wanted });
  if (missing.length && ["external", "b2c"].includes(tenant.kind)) return consentOfCustomer(authority, transaction, missing);
  const newHere = !directory.isInstalled(client, tenant.id);
  if (!forTenant && missing.length === 0 && !newHere && prompt !== "consent") return undefined;
  if (prompt === "none") throw new Refusal(65001, { client: client.clientId, name: client.name });
  const administrator = Boolean(user.administrator) && !account.guest;
  if ((forTenant || needsAdministrator(missing)) && !administrator) throw new Refusal(90094, { name: client.name });
  if (authority.settings.automatic) {
    acceptConsent(authority, transaction);
    return undefined;
  }
  return consentPage(c, transaction, { ...consentSubject(authority, transaction), administrator, forTenant });
}

/** Customers are not asked: what is more than signing in needs an administrator's consent beforehand. */
function consentOfCustomer({ directory }, { client, signedInTenant: tenant, account }, missing) {
  if (missing.some(({ resource }) => resource.clientId !== GRAPH)) {
    throw tenant.kind === "b2c" ? new Refusal("AADB2C90205") : new Refusal(90094, { name: client.name });
  }
  recordConsent({ directory, tenantId: tenant.id, user: account.user, missing });
  return undefined;
}

/** Admin consent: the endpoint of that name, or v1.0's prompt. */
function isForTenant({ kind, prompt }) {
  return kind === "adminconsent" || prompt === "admin_consent";
}

/** What the consent page lists and what accepting it grants. */
export function consentSubject({ directory }, transaction) {
  const { client, wanted, signedInTenant: tenant, account } = transaction;
  if (isForTenant(transaction)) {
    return transaction.adminPermissions ?? staticPermissions(client, directory);
  }
  const missing = missingConsent({ directory, tenantId: tenant.id, client, user: account.user, wanted });
  return { delegated: missing, roles: [] };
}

/** @param {boolean} [everybody] an administrator's tick, on the page that is not for the tenant anyway */
export function acceptConsent(authority, transaction, everybody = false) {
  const { directory } = authority;
  const forEverybody = isForTenant(transaction) || everybody;
  const { client, signedInTenant: tenant, account } = transaction;
  const { delegated, roles } = consentSubject(authority, transaction);
  directory.install(client, tenant.id);
  recordConsent({ directory, tenantId: tenant.id, user: account.user, missing: delegated, forEverybody });
  for (const { resource, roles: list } of roles) {
    directory.assignRoles({ tenantId: tenant.id, client, resource, roles: list.map((role) => role.value) });
  }
  transaction.consented = true;
}
