// A Worker as a service's author writes it: a client for each request, its tokens in KV or in Durable Objects.

import { createConfidentialClient, durableObjectStore, kvStore } from "countersign/edge";

export { TokenStoreObject } from "countersign/edge";

/** Sets the isolate's clock so far ahead. */
function moveClock(seconds) {
  Date.now = () => now() + seconds * 1000;
}
const { now } = Date;

export default {
  async fetch(request, { AUTHORITY, CLIENT_ID, SECRET, METADATA, KEY, TOKENS, OBJECTS }, context) {
    const { pathname, searchParams } = new URL(request.url);
    moveClock(Number(searchParams.get("seconds") ?? 0));
    const store = { "/kv": () => kvStore(TOKENS), "/objects": () => durableObjectStore(OBJECTS), "/none": () => undefined }[pathname]();
    const client = createConfidentialClient({
      authority: AUTHORITY,
      clientId: CLIENT_ID,
      credential: { secret: SECRET },
      // Another text is another configuration: an instance of the service that shares nothing but the store.
      metadata: { ...JSON.parse(METADATA), instance: searchParams.get("instance") },
      ...(store && { cache: { store, key: KEY } }),
      waitUntil: (work) => context.waitUntil(work),
    });
    const { accessToken } = await client.clientCredentials({ scope: searchParams.get("scope") ?? "api://orders.contoso.example/.default" });
    return new Response(accessToken);
  },
};
