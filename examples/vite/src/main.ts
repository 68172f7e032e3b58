import { isAuthError } from "countersign";

import { API, start } from "./client";

const button = document.querySelector("button")!;
const output = document.querySelector("pre")!;

try {
  const client = await start();
  button.disabled = false;
  if (client.account === null) {
    button.textContent = "Sign in";
    button.onclick = () => client.signIn({ returnTo: location.href });
  } else {
    button.textContent = `Sign out ${client.account.claims["name"]}`;
    button.onclick = () => client.signOut();
    const response = await client.fetch(API);
    output.textContent = await response.text();
  }
} catch (error) {
  if (!isAuthError(error)) throw error;
  output.textContent = error.message;
}
