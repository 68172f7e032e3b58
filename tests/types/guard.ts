// Every public name of the guards, as an API's author uses it, and what the compiler must refuse.

import {
  type CorsOptions,
  createVerifier,
  guard,
  honoGuard,
  type HostRequest,
  type HostResponse,
  nodeGuard,
  type NodeRequest,
  type NodeResponse,
  type ResourceMetadata,
  type Verified,
  verifiedOf,
} from "countersign/edge";

const resourceMetadata: ResourceMetadata = {
  resource: "https://api.example/mcp",
  authorization_servers: ["https://login.example"],
  scopes_supported: ["read", "write"],
  resource_name: "Notes",
  "resource_name#de": "Notizen",
  resource_documentation: "https://api.example/docs",
  resource_policy_uri: "https://api.example/privacy",
  resource_tos_uri: "https://api.example/terms",
};
const cors: CorsOptions = { origins: ["https://app.example"], methods: ["GET"], headers: ["dpop"], exposeHeaders: ["etag"], credentials: true, maxAge: 60 };
const verifier = createVerifier({ issuer: "https://login.example", audience: "api", resourceMetadata, cors });
createVerifier({ issuer: "https://login.example", audience: "api", cors: { origins: "https://a.example https://b.example".split(" ") } });
createVerifier({ issuer: "https://login.example", audience: "api", cors: { origins: async (origin) => origin.endsWith(".example") } });

interface Environment {
  NAME: string;
}
interface Context {
  waitUntil(work: Promise<unknown>): void;
}

// A Worker.
const worker: { fetch(request: Request, env: Environment, context: Context): Promise<Response> } = {
  fetch: guard(verifier, { scope: "read" }, async (request: Request, { claims }: Verified, env: Environment, context: Context) => {
    context.waitUntil(Promise.resolve());
    return Response.json({ hello: claims["sub"], at: request.url, by: env.NAME });
  }),
};
// A route of Next, and its middleware.
const GET: (request: Request, context: { params: Promise<{ id: string }> }) => Promise<Response> = guard(
  verifier,
  async (_request: Request, { kind }, { params }: { params: Promise<{ id: string }> }) => new Response(`${kind} ${(await params).id}`),
);
const simple = guard(verifier, (request, { scopes }) => new Response(request.url + scopes.join()));
const response: Promise<HostResponse> = simple(new Request("https://api.example"));
const request: HostRequest = new Request("https://api.example");
// A verifier of a test.
guard({ authenticate: async () => verifiedOf(request) }, {}, () => new Response());

const listener: (request: NodeRequest, response: NodeResponse) => Promise<void> = nodeGuard(verifier, { scope: "read" }, (incoming: NodeRequest, outgoing: NodeResponse, verified) => {
  outgoing.writeHead(200, { "x-url": incoming.url ?? "" }).end(verified.issuer);
  outgoing.end();
});
const middleware: (request: NodeRequest, response: NodeResponse, next: () => void) => void = nodeGuard(verifier);
const hono: (context: { req: { raw: Request }; res: Response }, next: () => Promise<void>) => Promise<Response | undefined> = honoGuard(verifier, { roles: "Reader" });
console.log(worker, GET, response, listener, middleware, hono);

// @ts-expect-error a resource has an identifier: RFC 9728 section 2
createVerifier({ issuer: "https://login.example", audience: "api", resourceMetadata: { resource_name: "Notes" } });
// @ts-expect-error a parameter without values is left out: RFC 9728 section 2
createVerifier({ issuer: "https://login.example", audience: "api", resourceMetadata: { resource: "https://api.example", scopes_supported: [] } });
// @ts-expect-error the pages are named, or all of them
createVerifier({ issuer: "https://login.example", audience: "api", cors: {} });
// @ts-expect-error an empty list would require nothing
guard(verifier, { roles: [] }, () => new Response());
// @ts-expect-error a handler responds
guard(verifier, { scope: "read" }, () => {});
// @ts-expect-error what the token says is not the handler's to change
guard(verifier, (_request, verified) => ((verified.kind = "app"), new Response()));
