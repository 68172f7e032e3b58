import { createHash } from "node:crypto";

/** The tenant of personal accounts; its id is fixed and public. */
export const CONSUMERS = "9188040d-6c67-4c5b-b112-36a304b66dad";
export const GRAPH = "00000003-0000-0000-c000-000000000000";

/** A GUID that is always the same for the same parts, for objects that the file does not number. */
export function derivedId(...parts) {
  const hex = createHash("sha256").update(parts.join("\n")).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * Tenants, users, groups, application registrations and what was consented to.
 * `data` is the parsed file and stays the single copy: a change at run time is a change to it.
 */
export class Directory {
  constructor(data) {
    this.data = structuredClone(data);
    for (const registration of this.data.registrations) {
      registration.installedIn ??= [];
    }
  }

  /** A tenant by its id or domain; undefined for one that is not here. */
  tenant(idOrDomain) {
    const wanted = idOrDomain?.toLowerCase();
    return this.data.tenants.find((t) => t.id === wanted || t.domain === wanted);
  }

  user(name) {
    const wanted = name?.trim().toLowerCase();
    return this.data.users.find((u) => u.name.toLowerCase() === wanted);
  }

  userById(id) {
    return this.data.users.find((u) => u.id === id);
  }

  /**
   * The user as an object of one tenant: the member at home, the guest elsewhere, or undefined.
   * @returns {{ oid: string, tid: string, guest: boolean, user: object } | undefined}
   */
  account(user, tenantId) {
    const home = this.tenant(user.tenant);
    if (home.id === tenantId) return { oid: user.id, tid: tenantId, guest: false, user };
    const invitation = (user.guestIn ?? []).find((g) => this.tenant(g.tenant)?.id === tenantId);
    return invitation && { oid: invitation.id, tid: tenantId, guest: true, user };
  }

  /** The account with that object id in the tenant. */
  accountByObjectId(oid, tenantId) {
    for (const user of this.data.users) {
      const account = this.account(user, tenantId);
      if (account?.oid === oid) return account;
    }
    return undefined;
  }

  /** The ids of every group that an account belongs to in its tenant. */
  groups(account) {
    if (account.guest) return [];
    const named = (account.user.memberOf ?? []).map(
      (name) => this.data.groups.find((g) => g.name === name && this.tenant(g.tenant)?.id === account.tid)?.id,
    );
    const further = Array.from({ length: account.user.furtherGroups ?? 0 }, (_, i) => derivedId("group", account.tid, i));
    return [...named.filter(Boolean), ...further];
  }

  registration(clientId) {
    const wanted = clientId?.toLowerCase();
    return this.data.registrations.find((r) => r.clientId.toLowerCase() === wanted);
  }

  registrationByName(name) {
    return this.data.registrations.find((r) => r.name === name);
  }

  /** An API by App ID URI or client id; a trailing slash does not tell two resources apart. */
  resource(identifier) {
    const bare = (value) => value.replace(/\/$/, "").toLowerCase();
    return this.data.registrations.find(
      (r) => bare(r.clientId) === bare(identifier) || (r.identifierUris ?? []).some((uri) => bare(uri) === bare(identifier)),
    );
  }

  homeTenant(registration) {
    return this.tenant(registration.tenant);
  }

  /** Whether a service principal of the registration exists in the tenant. */
  isInstalled(registration, tenantId) {
    return (
      Boolean(registration.firstParty) ||
      this.homeTenant(registration).id === tenantId ||
      registration.installedIn.some((name) => this.tenant(name)?.id === tenantId)
    );
  }

  install(registration, tenantId) {
    if (!this.isInstalled(registration, tenantId)) registration.installedIn.push(tenantId);
  }

  /** Whether people of this tenant may use the registration at all, installed there or not yet. */
  admits(registration, tenant) {
    // Tenants for customers have applications of their own only.
    if (["external", "b2c"].includes(tenant.kind)) return Boolean(registration.firstParty) || this.homeTenant(registration).id === tenant.id;
    switch (registration.signInAudience) {
      case "AzureADandPersonalMicrosoftAccount":
        return true;
      case "AzureADMultipleOrgs":
        return tenant.kind === "organization";
      case "PersonalMicrosoftAccount":
        return tenant.kind === "consumers";
      default:
        return this.homeTenant(registration).id === tenant.id;
    }
  }

  servicePrincipalId(registration, tenantId) {
    return derivedId("service principal", registration.clientId, tenantId);
  }

  /** Delegated scopes that the client holds on the resource for this user: admin consent, own consent, pre-authorization. */
  grantedScopes({ tenantId, client, resource, userId }) {
    const granted = new Set();
    for (const consent of this.data.consents) {
      if (this.tenant(consent.tenant)?.id !== tenantId) continue;
      if (consent.client !== client.name || consent.resource !== resource.name) continue;
      if (consent.user && !this.#isUser(consent.user, userId)) continue;
      for (const scope of consent.scopes) granted.add(scope);
    }
    for (const entry of resource.preAuthorizedApplications ?? []) {
      if (entry.application === client.name) for (const scope of entry.scopes) granted.add(scope);
    }
    return granted;
  }

  /** Whether the user, or an administrator for everybody, has consented to anything for this client. */
  hasConsented({ tenantId, client, userId }) {
    return this.data.consents.some(
      (consent) => consent.client === client.name && this.tenant(consent.tenant)?.id === tenantId && (!consent.user || this.#isUser(consent.user, userId)),
    );
  }

  /** A consent names its user by id or by name. */
  #isUser(idOrName, userId) {
    return idOrName === userId || this.user(idOrName)?.id === userId;
  }

  /** Records consent; without `userId` it is the administrator's, for everybody in the tenant. */
  consent({ tenantId, client, resource, userId, scopes }) {
    if (scopes.length === 0) return;
    this.data.consents.push({ tenant: tenantId, client: client.name, resource: resource.name, ...(userId && { user: userId }), scopes });
  }

  /** App roles given to a client (`client`) or to a user (`user`) on a resource. */
  assignedRoles({ tenantId, client, user, resource }) {
    const roles = new Set();
    for (const assignment of this.data.appRoleAssignments) {
      if (this.tenant(assignment.tenant)?.id !== tenantId || assignment.resource !== resource.name) continue;
      const holder = client ? assignment.client === client.name : this.#isUser(assignment.user ?? "", user.id);
      if (holder) for (const role of assignment.roles) roles.add(role);
    }
    return [...roles];
  }

  assignRoles({ tenantId, client, resource, roles }) {
    if (roles.length) this.data.appRoleAssignments.push({ tenant: tenantId, client: client.name, resource: resource.name, roles });
  }
}
