// An API with Node's own server.

import http from "node:http";
import process from "node:process";

import { createVerifier, nodeGuard } from "countersign/edge";

const verifier = createVerifier({
  issuer: process.env.ISSUER,
  audience: "https://api.example",
  cors: { origins: ["https://app.example"] },
  resourceMetadata: { resource: "https://api.example/notes", scopes_supported: ["notes.read", "notes.write"] },
});

const listener = nodeGuard(verifier, { scope: "notes.read" }, (request, response, { claims }) => {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ user: claims.sub }));
});

http.createServer(listener).listen(Number(process.env.PORT), "localhost");
