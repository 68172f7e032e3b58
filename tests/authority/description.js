import { identityEnvironment } from "./managed-identity/endpoint.js";

/** What a program is told of a running authority: the one JSON object of `--json`. */
export function describeAuthority(authority) {
  const others = authority.clouds.filter((cloud) => cloud !== authority);
  return {
    ...describeCloud(authority),
    managedIdentity: identityEnvironment(authority),
    ...(others.length && { nationalClouds: others.map((cloud) => ({ name: cloud.cloud.name, ...describeCloud(cloud) })) }),
  };
}

function describeCloud(authority) {
  const { directory, origins, files } = authority;
  return {
    https: origins.https ?? null,
    http: origins.http ?? null,
    control: origins.control,
    listening: authority.listening,
    certificate: files.certificate ?? null,
    tenants: directory.data.tenants.map(({ id, domain }) => ({ id, domain })),
    users: directory.data.users.map(({ name, password, tenant }) => ({ name, password, tenant: directory.tenant(tenant).id })),
    registrations: directory.data.registrations.filter((r) => !r.firstParty).map((r) => describeRegistration(authority, r)),
  };
}

function describeRegistration({ directory, files }, registration) {
  const own = files.registrations[registration.clientId];
  const secret = registration.passwordCredentials?.find((c) => !c.endDateTime)?.secret;
  const redirectUris = Object.values(registration.redirectUris ?? {}).flat();
  return {
    name: registration.name,
    kind: registration.kind,
    clientId: registration.clientId,
    tenant: directory.homeTenant(registration).id,
    ...(registration.identifierUris && { appIdUri: registration.identifierUris[0] }),
    ...(secret && { secret }),
    ...(own && { certificate: own.certificate, privateKey: own.privateKey }),
    ...(redirectUris.length && { redirectUris }),
  };
}

/** The same for a person at a terminal. */
export function describeForPerson(authority) {
  const about = describeAuthority(authority);
  const tenantName = (id) => about.tenants.find((t) => t.id === id).domain;
  const lines = ["A local authority in the shape of Entra ID is running.", ""];
  if (about.https) lines.push(`  https    ${about.https}`);
  if (about.http) lines.push(`  http     ${about.http}`);
  lines.push(`  control  ${about.control}`);
  if (about.certificate) lines.push(`  trust    ${about.certificate}`, "           (NODE_EXTRA_CA_CERTS, REQUESTS_CA_BUNDLE, curl --cacert)");
  const { IDENTITY_ENDPOINT, IDENTITY_HEADER } = about.managedIdentity.appService;
  lines.push("", "Managed identity", `  App Service  IDENTITY_ENDPOINT=${IDENTITY_ENDPOINT} IDENTITY_HEADER=${IDENTITY_HEADER}`);
  lines.push(`  IMDS         AZURE_POD_IDENTITY_AUTHORITY_HOST=${about.managedIdentity.imds.AZURE_POD_IDENTITY_AUTHORITY_HOST}`);
  lines.push("", "Tenants");
  for (const tenant of about.tenants) lines.push(`  ${tenant.domain.padEnd(26)} ${tenant.id}`);
  lines.push("", "Users");
  for (const user of about.users) lines.push(`  ${user.name.padEnd(34)} ${user.password}`);
  lines.push("", "Registrations");
  for (const r of about.registrations) {
    lines.push(`  ${r.name}`, `      ${r.kind}, ${tenantName(r.tenant)}, client id ${r.clientId}`);
    if (r.appIdUri) lines.push(`      API ${r.appIdUri}`);
    if (r.secret) lines.push(`      secret ${r.secret}`);
    if (r.certificate) lines.push(`      certificate ${r.certificate}`, `      key ${r.privateKey}`);
    if (r.redirectUris) lines.push(`      redirects to ${r.redirectUris.join(" ")}`);
  }
  const origin = about.https ?? about.http;
  lines.push("", "Try", `  ${origin}/common/v2.0/.well-known/openid-configuration`, "", "Ctrl-C stops it.");
  return lines.join("\n");
}
