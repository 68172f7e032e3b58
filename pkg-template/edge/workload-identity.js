// Workload identity of Kubernetes: a client whose proof is the token that the cluster puts into a file.

import { AuthError } from "../auth-error.js";
import { knowCodes } from "./know-codes.js";

const NAMES = ["AZURE_AUTHORITY_HOST", "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE"];

/** The options of the client that the webhook of Azure Workload Identity describes in these environment variables. */
export function workloadIdentity(environment = globalThis.process?.env ?? {}) {
  knowCodes();
  const [host, tenant, clientId, assertionFile] = NAMES.map((name) => {
    const value = environment[name];
    if (typeof value !== "string" || value === "") throw new AuthError("credential_invalid", { detail: `${name} is not set` });
    return value;
  });
  return { authority: `${host.replace(/\/$/, "")}/${tenant}/v2.0`, clientId, credential: { assertionFile } };
}
