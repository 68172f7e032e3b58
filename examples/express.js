// An API with Express 4 or 5.

import process from "node:process";

import { createVerifier, nodeGuard, verifiedOf } from "countersign/edge";
import express from "express";

const verifier = createVerifier({
  issuer: process.env.ISSUER,
  audience: "https://api.example",
  cors: { origins: ["https://app.example"] },
  resourceMetadata: { resource: "https://api.example/notes", scopes_supported: ["notes.read", "notes.write"] },
});

const app = express();
app.get("/health", (request, response) => response.send("good"));
app.use(nodeGuard(verifier, { scope: "notes.read" }));
app.get("/notes", (request, response) => response.json({ user: verifiedOf(request).claims.sub }));
app.post("/notes", nodeGuard(verifier, { scope: "notes.write" }), (request, response) => response.status(201).json({ stored: true }));
app.listen(Number(process.env.PORT), "localhost");
