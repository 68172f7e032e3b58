import type { ReactElement, ReactNode } from "react";

import type { Account, AuthError, Client, SignIn, SignInOptions } from "./index.js";

export type { Account, AuthError, Client, SignIn, SignInOptions } from "./index.js";

/** Properties of {@link CountersignProvider}. */
export interface CountersignProviderProps {
  /**
   * What makes the client, once, in an effect: on a server it is not called. When the provider is unmounted, the client is
   * closed. A client that is there already is taken as well, and not closed. Another value later has no effect.
   */
  client: Client | (() => Promise<Client>);
  /** Is called once when a sign-in was completed, before the page is shown signed in: the place to go to `returnTo`. */
  onSignIn?: ((signIn: SignIn) => void) | undefined;
  children?: ReactNode;
}

/**
 * Makes the client, completes a sign-in (`handleRedirect`), and gives both to all that is inside.
 *
 * ```tsx
 * export const App = () => (
 *   <CountersignProvider
 *     client={() => createClient({ authority: "https://login.example", clientId: "my-page", redirectUri: `${location.origin}/` })}
 *     onSignIn={({ returnTo }) => returnTo && navigate(returnTo)}
 *   >
 *     <Orders />
 *   </CountersignProvider>
 * );
 * ```
 */
export function CountersignProvider(properties: CountersignProviderProps): ReactElement;

/** What {@link useCountersign} returns. It is another object after each change. */
export interface Countersign {
  /** `loading` on a server and until the client is there; `failed` if it could not be made, for which `error` has the reason. */
  readonly status: "loading" | "signed-in" | "signed-out" | "failed";
  /** The client, once the status is `signed-in` or `signed-out`. */
  readonly client: Client | null;
  /** Who is signed in. */
  readonly account: Account | null;
  /** What failed last: making the client, a sign-in, a sign-out, or work in the background. The next attempt clears it. */
  readonly error: AuthError | null;
  /** As {@link Client.signIn}; what fails is `error`. Calls while the page is being left are one. */
  readonly signIn: (options?: SignInOptions) => void;
  /** As {@link Client.signOut}; what fails is `error`. */
  readonly signOut: (options?: Parameters<Client["signOut"]>[0]) => void;
}

/**
 * The client with what changes about it.
 *
 * ```tsx
 * export function Button() {
 *   const { status, account, error, signIn, signOut } = useCountersign();
 *   if (error !== null) return <p>{error.message}</p>;
 *   if (status === "signed-in") return <button onClick={() => signOut()}>Sign out {String(account?.claims["name"])}</button>;
 *   return <button disabled={status !== "signed-out"} onClick={() => signIn()}>Sign in</button>;
 * }
 * ```
 *
 * @throws {Error} outside of {@link CountersignProvider}
 */
export function useCountersign(): Countersign;

/**
 * Who is signed in; `null` if nobody is, or if that is not known yet.
 *
 * ```tsx
 * export const Greeting = () => <p>Hello {String(useAccount()?.claims["name"] ?? "stranger")}</p>;
 * ```
 */
export function useAccount(): Account | null;

/** What {@link useToken} returns: a token, an error, or neither while a token is being got and while nobody is signed in. */
export interface Token {
  readonly accessToken: string | null;
  readonly error: AuthError | null;
}

/**
 * An access token for what cannot call `client.fetch` or `client.getToken` itself, as a web socket or a map. It is
 * another one when it is renewed.
 *
 * ```tsx
 * export function Map() {
 *   const { accessToken, error } = useToken({ scope: "maps.read" });
 *   if (error !== null) return <p>{error.message}</p>;
 *   return accessToken === null ? <p>…</p> : <MapView token={accessToken} />;
 * }
 * ```
 */
export function useToken(options?: { scope?: string | string[]; resource?: string }): Token;

/**
 * Shows its children to a user who is signed in.
 *
 * ```tsx
 * export const Page = () => <SignedIn>{(account) => <p>Hello {String(account.claims["name"])}</p>}</SignedIn>;
 * ```
 */
export function SignedIn(properties: { children?: ReactNode | ((account: Account) => ReactNode) }): ReactElement | null;

/**
 * Shows its children if nobody is signed in. It shows nothing until that is known.
 *
 * ```tsx
 * export const Page = () => <SignedOut><p>Please sign in.</p></SignedOut>;
 * ```
 */
export function SignedOut(properties: { children?: ReactNode }): ReactElement | null;

/** Properties of {@link SignInGuard}. */
export interface SignInGuardProps {
  /** Options of the sign-in. Default of `returnTo`: the page's URL. */
  options?: SignInOptions | undefined;
  /** What is shown until somebody is signed in, and when a sign-in failed or the user has signed out. Default: nothing. */
  fallback?: ReactNode | ((state: Countersign) => ReactNode);
  children?: ReactNode;
}

/**
 * Shows its children to a user who is signed in, and begins a sign-in if the page was loaded without a session. It does
 * not begin one after a failure or after a sign-out.
 *
 * ```tsx
 * export const Guarded = () => (
 *   <SignInGuard fallback={({ error, signIn }) => (error ? <button onClick={() => signIn()}>{error.message}</button> : <p>…</p>)}>
 *     <p>Your orders</p>
 *   </SignInGuard>
 * );
 * ```
 */
export function SignInGuard(properties: SignInGuardProps): ReactElement;
