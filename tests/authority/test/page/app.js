// The page of a single-page app that signs in with msal-browser as its documentation says.
import { PublicClientApplication } from "@azure/msal-browser";

const { configuration } = JSON.parse(document.getElementById("configuration").textContent);
const client = new PublicClientApplication(configuration);
await client.initialize();

const plain = (error) => ({
  name: error.name,
  errorCode: error.errorCode,
  errorMessage: error.errorMessage,
  subError: error.subError,
  claims: error.claims,
  errorNo: error.errorNo,
});

/** What the test drives; errors come back as data. */
globalThis.msal = new Proxy({}, {
  get: (_, method) => async (...args) => {
    try {
      return { result: await client[method](...args) };
    } catch (error) {
      return { error: plain(error) };
    }
  },
});
try {
  globalThis.redirected = { result: await client.handleRedirectPromise() };
} catch (error) {
  globalThis.redirected = { error: plain(error) };
}
document.getElementById("status").textContent = "ready";
