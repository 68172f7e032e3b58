// Attaches the token to the page's requests for the API, also to those of images and of scripts that know nothing of tokens.

const API = "https://api.example/notes";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  if (event.request.url.startsWith(API)) event.respondWith(withToken(event));
});

async function withToken({ request, clientId }) {
  const page = await self.clients.get(clientId);
  const accessToken = await tokenOf(page);
  const headers = new Headers(request.headers);
  if (accessToken !== null) headers.set("authorization", `Bearer ${accessToken}`);
  return fetch(new Request(request, { headers, mode: "cors" }));
}

/** The page has the session, and renews the token. */
function tokenOf(page) {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data);
    page.postMessage("token", [port2]);
  });
}
