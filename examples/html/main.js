import { createClient, isAuthError } from "countersign";

const API = "https://api.example/notes";
const [button, output] = ["button", "output"].map((id) => document.getElementById(id));

/** Shows the button for what can be done now. */
function show(client) {
  const isSignedIn = client.account !== null;
  button.textContent = isSignedIn ? `Sign out ${client.account.claims.name}` : "Sign in";
  button.onclick = () => attempt(() => (isSignedIn ? client.signOut() : client.signIn()));
  button.disabled = false;
}

async function attempt(action) {
  try {
    await action();
  } catch (error) {
    if (!isAuthError(error)) throw error;
    output.textContent = error.message;
  }
}

await attempt(async () => {
  const client = await createClient({
    authority: "https://login.example",
    clientId: "my-page",
    redirectUri: `${location.origin}/`,
    scope: "openid profile offline_access notes.read",
  });
  for (const name of ["signedin", "signedout"]) client.addEventListener(name, () => show(client));
  await attempt(() => client.handleRedirect());
  show(client);
  if (client.account !== null) output.textContent = await (await client.fetch(API)).text();
});
