import { memberPath } from "./json-source.js";

/**
 * What no single entry can be wrong in: names that nothing has, and names that two have.
 * @returns {{ path: string, problem: string }[]}
 */
export function checkReferences(data, path = "") {
  const problems = [];
  const at = (...steps) => steps.reduce((whole, step) => (typeof step === "number" ? `${whole}[${step}]` : memberPath(whole, step)), path);
  const expect = (found, place, problem) => found || problems.push({ path: at(...place), problem });

  const tenants = new Set(data.tenants.flatMap((t) => [t.id, t.domain]).map((name) => name.toLowerCase()));
  const registrations = new Map(data.registrations.map((r) => [r.name, r]));
  const users = new Set(data.users.flatMap((u) => [u.name.toLowerCase(), u.id]));
  const groups = new Set((data.groups ?? []).map((g) => g.name));
  const inTenant = (name, place) => expect(tenants.has(name.toLowerCase()), place, `names the tenant "${name}", which is not in "tenants"`);
  const named = (name, place) => expect(registrations.has(name), place, `names "${name}", which is not in "registrations"`);
  const offers = (member, name, values, place) => {
    if (!named(name, place)) return;
    const known = (registrations.get(name)[member] ?? []).map((entry) => entry.value);
    for (const value of values) expect(known.includes(value), place, `names "${value}", which "${name}" does not have in its "${member}"`);
  };

  for (const [list, key] of [["tenants", "id"], ["tenants", "domain"], ["users", "name"], ["users", "id"], ["registrations", "clientId"], ["registrations", "name"]]) {
    const seen = new Set();
    data[list].forEach((entry, i) => {
      expect(!seen.has(entry[key].toLowerCase()), [list, i, key], `is "${entry[key]}", which another entry has already`);
      seen.add(entry[key].toLowerCase());
    });
  }
  data.tenants.forEach((tenant, i) => {
    if (tenant.kind === "b2c") expect(tenant.policies?.length, ["tenants", i], 'is a B2C tenant and has no "policies"');
  });
  data.users.forEach((user, i) => {
    inTenant(user.tenant, ["users", i, "tenant"]);
    (user.guestIn ?? []).forEach((guest, j) => inTenant(guest.tenant, ["users", i, "guestIn", j, "tenant"]));
    (user.memberOf ?? []).forEach((name, j) => expect(groups.has(name), ["users", i, "memberOf", j], `names the group "${name}", which is not in "groups"`));
  });
  (data.groups ?? []).forEach((group, i) => inTenant(group.tenant, ["groups", i, "tenant"]));
  data.registrations.forEach((registration, i) => {
    const place = ["registrations", i];
    inTenant(registration.tenant, [...place, "tenant"]);
    for (const [name, values] of Object.entries(registration.requiredResourceAccess ?? {})) offers("scopes", name, values, [...place, "requiredResourceAccess", name]);
    for (const [name, values] of Object.entries(registration.requiredAppRoles ?? {})) offers("appRoles", name, values, [...place, "requiredAppRoles", name]);
    (registration.knownClientApplications ?? []).forEach((name, j) => named(name, [...place, "knownClientApplications", j]));
    (registration.preAuthorizedApplications ?? []).forEach((entry, j) => {
      named(entry.application, [...place, "preAuthorizedApplications", j, "application"]);
      offers("scopes", registration.name, entry.scopes, [...place, "preAuthorizedApplications", j, "scopes"]);
    });
    (registration.installedIn ?? []).forEach((name, j) => inTenant(name, [...place, "installedIn", j]));
  });
  (data.consents ?? []).forEach((consent, i) => {
    const place = ["consents", i];
    inTenant(consent.tenant, [...place, "tenant"]);
    named(consent.client, [...place, "client"]);
    offers("scopes", consent.resource, consent.scopes, [...place, "resource"]);
    if (consent.user) expect(users.has(consent.user.toLowerCase()), [...place, "user"], `names the user "${consent.user}", who is not in "users"`);
  });
  (data.appRoleAssignments ?? []).forEach((assignment, i) => {
    const place = ["appRoleAssignments", i];
    inTenant(assignment.tenant, [...place, "tenant"]);
    named(assignment.resource, [...place, "resource"]);
    expect(Boolean(assignment.client) !== Boolean(assignment.user), place, 'must have either a "client" or a "user"');
    if (assignment.client) named(assignment.client, [...place, "client"]);
    if (assignment.user) expect(users.has(assignment.user.toLowerCase()), [...place, "user"], `names the user "${assignment.user}", who is not in "users"`);
  });
  return problems;
}
