import { createClient } from "countersign";

export const API = "https://api.example/notes";

/** The page's one client. A sign-in that came back is complete. */
export async function start() {
  const client = await createClient({
    authority: "https://login.example",
    clientId: "my-page",
    redirectUri: `${location.origin}/`,
    scope: "openid profile offline_access notes.read",
  });
  const signIn = await client.handleRedirect();
  if (signIn?.returnTo) history.replaceState(null, "", signIn.returnTo);
  return client;
}
