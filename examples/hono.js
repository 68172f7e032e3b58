// An API with Hono, for any of its runtimes; here on Workers, where ISSUER is a variable of the Worker.

import { createVerifier, honoGuard, verifiedOf } from "countersign/edge";
import { Hono } from "hono";

let app;

export default {
  fetch(request, env, context) {
    app ??= notes(env.ISSUER);
    return app.fetch(request, env, context);
  },
};

function notes(issuer) {
  const verifier = createVerifier({
    issuer,
    audience: "https://api.example",
    cors: { origins: ["https://app.example"] },
    resourceMetadata: { resource: "https://api.example/notes", scopes_supported: ["notes.read", "notes.write"] },
  });
  const app = new Hono();
  app.get("/health", (c) => c.text("good"));
  app.use(honoGuard(verifier, { scope: "notes.read" }));
  app.get("/notes", (c) => c.json({ user: verifiedOf(c.req.raw).claims.sub }));
  app.post("/notes", honoGuard(verifier, { scope: "notes.write" }), (c) => c.json({ stored: true }, 201));
  return app;
}
