// Another process of a native app: does what it is told in its argument, and prints the result.

import process from "node:process";

import { createNativeClient } from "countersign/native";

const { options, act, account, times = 1, callers = 1, together } = JSON.parse(process.argv[2]);

const ACTS = {
  getToken: async (client) => (await client.getToken()).accessToken,
  renew: async (client) => (await client.getToken({ account, forceRefresh: true })).accessToken,
  // What others write meanwhile must not bring the former token back.
  renewAndLook: async (client) => ({ renewed: await ACTS.renew(client), kept: (await client.getToken({ account })).accessToken }),
  accounts: async (client) => client.accounts.map(({ subject }) => subject),
  // The test that reads the URL goes there, or ends the process.
  signIn: async (client) => (await client.signIn()).subject,
};

const openBrowser = async (url) => console.log(JSON.stringify({ opened: url }));
const client = await createNativeClient({ ...options, openBrowser });
// All processes begin at the same time.
if (together) await new Promise((over) => setTimeout(over, Math.max(0, together - Date.now())));
for (let time = 0; time < times; time += 1) {
  const results = await Promise.all(Array.from({ length: callers }, () => ACTS[act](client).catch(({ code, message }) => ({ code, message }))));
  console.log(JSON.stringify(results));
}
