import { createClient } from "countersign";

/** The page's one client, with who is signed in. */
class Session {
  client = $state.raw(null);
  account = $state.raw(null);
  error = $state.raw(null);

  constructor() {
    this.#start().catch((error) => (this.error = error));
  }

  async #start() {
    const client = await createClient({
      authority: "https://login.example",
      clientId: "my-page",
      redirectUri: `${location.origin}/`,
      scope: "openid profile offline_access notes.read",
    });
    const signIn = await client.handleRedirect();
    if (signIn?.returnTo) history.replaceState(null, "", signIn.returnTo);
    this.client = client;
    this.account = client.account;
    for (const name of ["signedin", "signedout"]) client.addEventListener(name, () => (this.account = client.account));
    client.addEventListener("error", ({ detail }) => (this.error = detail));
  }
}

export const session = new Session();
