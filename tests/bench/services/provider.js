/** The local authority, with many users who have signed in to the API in the middle. */
import { readFile } from "node:fs/promises";

import { startAuthority } from "../../authority/start.js";

const DIRECTORY = new URL("../../authority/directory/directory.json", import.meta.url);
const PASSWORD = "measured";
const AT_ONCE = 20;

/**
 * @returns {Promise<{ settings: object, assertions: string[], certificate: string, forgetRequests: () => void, tokenRequests: () => number, close: () => Promise<void> }>}
 */
export async function startProvider(users) {
  const directory = JSON.parse(await readFile(DIRECTORY, "utf8"));
  const { domain } = directory.tenants[0];
  const names = Array.from({ length: users }, (_, place) => `user${place}@${domain}`);
  directory.users.push(...names.map((name, place) => ({ name, password: PASSWORD, tenant: domain, id: guid(place), displayName: name })));
  const running = await startAuthority({ directory });
  const { https, http, certificate, tenants, registrations, authority, close } = running;
  const find = (name) => registrations.find((registration) => registration.name === name);
  const [tenant, shop, orders, desktop] = [tenants[0].id, find("Shop API"), find("Orders API"), find("Orders desktop")];
  try {
    const assertions = await inTurn(names, async (username) => {
      const form = { grant_type: "password", client_id: desktop.clientId, username, password: PASSWORD, scope: `${shop.appIdUri}/access_as_user` };
      const response = await fetch(`${http}/${tenant}/oauth2/v2.0/token`, { method: "POST", body: new URLSearchParams(form) });
      const { access_token: token, error_description: refusal } = await response.json();
      if (token === undefined) throw new Error(refusal);
      return token;
    });
    return {
      settings: {
        origin: https,
        tenant,
        daemon: credentials(find("Daemon with a secret")),
        middle: credentials(shop),
        scope: `${orders.appIdUri}/.default`,
      },
      assertions,
      certificate,
      // It keeps the last ones only.
      forgetRequests: () => authority.record.clear(),
      tokenRequests: () => authority.record.list({ path: "/token", method: "POST" }).length,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const credentials = ({ clientId, secret }) => ({ clientId, secret });

const guid = (place) => `77777777-aaaa-4bbb-8ccc-${String(place).padStart(12, "0")}`;

/** So many at a time. */
async function inTurn(items, act) {
  const results = new Array(items.length);
  const entries = items.entries();
  const work = async () => {
    for (const [place, item] of entries) results[place] = await act(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}
