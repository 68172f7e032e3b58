// An API whose project has the declarations of ECMAScript and nothing else.

import { AuthError, createVerifier, isAuthError } from "countersign/edge";

const verifier = createVerifier({ issuer: "https://login.example", audience: "https://api.example" });

export async function subjectOf(request: { headers: { authorization?: string } }): Promise<unknown> {
  try {
    const { claims } = await verifier.authenticate(request, { scope: "read" });
    return claims["sub"];
  } catch (error) {
    if (!isAuthError(error)) throw error;
    const response = error.toResponse();
    const challenge: string | null = response.headers.get("www-authenticate");
    return [response.status.toFixed(), challenge, await response.text(), error.response.body, error instanceof AuthError];
  }
}
