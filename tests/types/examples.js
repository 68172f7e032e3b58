/** The examples that readers copy: the code blocks of a README, and those in the comments of the declarations. */

/** Names that an example may use without declaring them, by the declarations that it stands in. */
const GIVEN = {
  "index.d.ts": `
    import { createClient, isAuthError } from "countersign";
    import type { Account, Client, ClientOptions, LogEntry, SessionStore, SignInOptions, SignOutOptions, TokenResponse, TokenSet, WasmSource } from "countersign";
    declare const client: Client, button: HTMLButtonElement, router: { navigate(path: string): void };
  `,
  "callback.d.ts": `
    import { handleCallback } from "countersign/callback";
  `,
  "auth-error.d.ts": `
    import { type Client, isAuthError } from "countersign";
    declare const client: Client, error: unknown;
  `,
  "edge.d.ts": `
    import { isAuthError } from "countersign/edge";
    import type { RefusalResponse, WasmSource } from "countersign/edge";
    declare const error: unknown;
    declare const outgoing: { writeHead(status: number, headers: object): { end(body: string): void } };
  `,
  "verifier.d.ts": `
    import { createVerifier } from "countersign/edge";
    import type { IssuerOptions, Profile, RequestLike, TenantCheck, Verified, Verifier, VerifierOptions } from "countersign/edge";
    declare const verifier: Verifier, token: string, request: Request, customers: Set<string>;
  `,
  "key-store.d.ts": `
    import { cacheKeyStore, createVerifier, kvKeyStore, memoryKeyStore } from "countersign/edge";
    import type { KeySource, KeyStore, SharedSecret, StoredResponse } from "countersign/edge";
    declare const namespace: Parameters<typeof kvKeyStore>[0];
  `,
  "requirement.d.ts": `
    import type { Permissions, Requirement } from "countersign/edge";
  `,
  "jws.d.ts": `
    import { type JwsOptions, type VerifiedJws, verifyJws } from "countersign/edge";
    declare const jws: string, request: Request;
  `,
  "logout.d.ts": `
    import { backChannelLogout, type LogoutToken, readFrontChannelLogout, type Verifier } from "countersign/edge";
    declare const verifier: Verifier, token: string, request: Request, sessions: { end(of: { sub: string | undefined; sid: string | undefined }): void };
  `,
  "proof.d.ts": `
    import { durableObjectReplayStore, kvReplayStore, memoryReplayStore, ReplayStoreObject, responseHeadersOf } from "countersign/edge";
    import type { CertificateSource, DpopOptions, ReplayStore, Verifier } from "countersign/edge";
    declare const verifier: Verifier, request: Request, namespace: Parameters<typeof kvReplayStore>[0], objects: Parameters<typeof durableObjectReplayStore>[0];
  `,
  "guard.d.ts": `
    import { type CorsOptions, guard, honoGuard, nodeGuard, type NodeResponse, type ResourceMetadata, type Verifier, verifiedOf } from "countersign/edge";
    interface Incoming { headers: Record<string, string>; method: string; url: string }
    declare const verifier: Verifier, request: Request, app: { use(path: string, middleware: (...given: any[]) => unknown): void };
    declare const http: { createServer(listener: (request: Incoming, response: NodeResponse) => unknown): void };
  `,
  "native.d.ts": `
    import { createNativeClient, type NativeClient } from "countersign/native";
    declare const client: NativeClient;
  `,
  "service.d.ts": `
    import { type ConfidentialClient, createConfidentialClient, workloadIdentity } from "countersign/edge";
    declare const client: ConfidentialClient, assertion: string, certificate: string, privateKey: string;
  `,
  "react.d.ts": `
    import { createClient } from "countersign";
    import { CountersignProvider, SignedIn, SignedOut, SignInGuard, useAccount, useCountersign, useToken } from "countersign/react";
    declare const navigate: (path: string) => void, MapView: (properties: { token: string }) => null, Orders: () => null;
  `,
  "testing.d.ts": `
    import { createTestClient, type TestAccount, testError } from "countersign/testing";
  `,
  "diagnose.d.ts": `
    import type { Client, ClientOptions } from "countersign";
    import type { Diagnosis } from "countersign/diagnose";
    declare const client: Client, options: ClientOptions;
  `,
  "consent.d.ts": `
    import { type Application, adminConsentUrl, missingPermissions, missingRoles, readAdminConsent, readApplication, undeclared, withApplication } from "countersign/consent";
    import { type ConfidentialClient, createConfidentialClient } from "countersign/edge";
    declare const client: ConfidentialClient;
    declare const text: string, accessToken: string, authority: string, clientId: string, redirectUri: string, state: string;
  `,
};

/**
 * The blocks of a README in a language, each a module by itself.
 *
 * @param {string} text @param {string} language @returns {string[]}
 */
export function blocks(text, language) {
  return [...text.matchAll(/^ *```(\w+)\n(.*?)^ *```$/gms)].filter(([, of]) => of === language).map(([, , code]) => code);
}

/**
 * The examples of declarations, each made a module.
 *
 * @param {string} text @param {string} name the file's name @returns {string[]}
 */
export function commentExamples(text, name) {
  const examples = [...text.matchAll(/^ *\* ```tsx?\n(.*?)^ *\* ```$/gms)].map(([, code]) => code.replaceAll(/^ *\* ?/gm, ""));
  // An example that exports something is a module by itself.
  return examples.map((code) => GIVEN[name] + (/^export /m.test(code) ? `\n${code}` : `\nexport async function example() {\n${code}}\n`));
}
