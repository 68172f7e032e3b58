import { createClient, isAuthError } from "countersign";

const API = "https://api.example/notes";
const [button, output] = ["button", "output"].map((id) => document.getElementById(id));

try {
  const client = await createClient({
    authority: "https://login.example",
    clientId: "my-page",
    redirectUri: `${location.origin}/`,
    scope: "openid profile offline_access notes.read",
  });
  await client.handleRedirect();
  navigator.serviceWorker.onmessage = async ({ data, ports: [port] }) => {
    if (data === "token") port.postMessage(await client.getToken().then(({ accessToken }) => accessToken, () => null));
  };
  const { account } = client;
  button.textContent = account ? `Sign out ${account.claims.name}` : "Sign in";
  button.onclick = () => (account ? client.signOut() : client.signIn());
  button.disabled = false;
  if (account) {
    await navigator.serviceWorker.register("./worker.js");
    if (!navigator.serviceWorker.controller) await new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true }));
    output.textContent = await (await fetch(API)).text();
  }
} catch (error) {
  if (!isAuthError(error)) throw error;
  output.textContent = error.message;
}
