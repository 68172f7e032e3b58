// An API with Fastify.

import process from "node:process";

import { createVerifier, nodeGuard, verifiedOf } from "countersign/edge";
import Fastify from "fastify";

const verifier = createVerifier({
  issuer: process.env.ISSUER,
  audience: "https://api.example",
  cors: { origins: ["https://app.example"] },
  resourceMetadata: { resource: "https://api.example/notes", scopes_supported: ["notes.read", "notes.write"] },
});

const app = Fastify();
// At the root it holds for every route, and for what no route takes: preflights and the metadata.
app.addHook("onRequest", nodeGuard(verifier, { scope: "notes.read" }));
app.get("/notes", async (request) => ({ user: verifiedOf(request).claims.sub }));
app.post("/notes", { onRequest: nodeGuard(verifier, { scope: "notes.write" }) }, async (request, reply) => reply.code(201).send({ stored: true }));
await app.listen({ port: Number(process.env.PORT), host: "localhost" });
