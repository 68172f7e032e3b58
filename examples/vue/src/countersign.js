import { createClient } from "countersign";
import { readonly, shallowReactive } from "vue";

const state = shallowReactive({ client: null, account: null, error: null });

async function start() {
  const client = await createClient({
    authority: "https://login.example",
    clientId: "my-page",
    redirectUri: `${location.origin}/`,
    scope: "openid profile offline_access notes.read",
  });
  const signIn = await client.handleRedirect();
  if (signIn?.returnTo) history.replaceState(null, "", signIn.returnTo);
  state.client = client;
  state.account = client.account;
  for (const name of ["signedin", "signedout"]) client.addEventListener(name, () => (state.account = client.account));
  client.addEventListener("error", ({ detail }) => (state.error = detail));
}

let started;

/** The page's one client, with who is signed in. */
export function useCountersign() {
  started ??= start().catch((error) => (state.error = error));
  return readonly(state);
}

/** For vue-router: `router.beforeEach(requireSignIn)`. */
export async function requireSignIn({ fullPath }) {
  useCountersign();
  await started;
  if (state.account === null) await state.client?.signIn({ returnTo: fullPath });
}
