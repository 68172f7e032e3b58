// A Worker that pages of another origin call. ISSUER is a variable of the Worker.

import { createVerifier, guard } from "countersign/edge";

let respond;

export default {
  fetch(request, env, context) {
    respond ??= guard(verifierOf(env), { scope: "notes.read" }, (_, { claims }) => Response.json({ user: claims.sub }));
    return respond(request, env, context);
  },
};

const verifierOf = ({ ISSUER }) =>
  createVerifier({
    issuer: ISSUER,
    audience: "https://api.example",
    cors: { origins: ["https://app.example"] },
    resourceMetadata: { resource: "https://api.example/notes", scopes_supported: ["notes.read", "notes.write"] },
  });
