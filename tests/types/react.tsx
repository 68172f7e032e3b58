// Every public name of countersign/react, as a page's author uses it, and what the compiler must refuse.

import { createClient } from "countersign";
import {
  type Account,
  type AuthError,
  type Client,
  type Countersign,
  CountersignProvider,
  type CountersignProviderProps,
  type SignIn,
  SignedIn,
  SignedOut,
  SignInGuard,
  type SignInGuardProps,
  type SignInOptions,
  type Token,
  useAccount,
  useCountersign,
  useToken,
} from "countersign/react";

declare const client: Client;

const options: SignInOptions = { prompt: "login" };
const properties: CountersignProviderProps = { client, onSignIn: ({ account, appState }: SignIn) => console.log(account.subject, appState) };
const guard: SignInGuardProps = { options, fallback: ({ error }: Countersign) => error?.message };

function Page() {
  const account: Account | null = useAccount();
  const { accessToken, error }: Token = useToken({ scope: ["a", "b"], resource: "https://api.example" });
  const state: Countersign = useCountersign();
  const failure: AuthError | null = state.error ?? error;
  if (state.status === "failed") return <p>{failure?.code}</p>;
  return (
    <button onClick={() => (account === null ? state.signIn(options) : state.signOut({ local: true }))}>{accessToken}</button>
  );
}

export const App = () => (
  <CountersignProvider {...properties} client={() => createClient({ authority: "https://login.example", clientId: "page" })}>
    <SignedIn>{(account) => <p>{account.subject}</p>}</SignedIn>
    <SignedIn>
      <Page />
    </SignedIn>
    <SignedOut>nobody</SignedOut>
    <SignInGuard {...guard} fallback={<p>wait</p>}>
      <Page />
    </SignInGuard>
  </CountersignProvider>
);

// @ts-expect-error The client is required.
export const without = <CountersignProvider />;
// @ts-expect-error Options are createClient's.
export const byOptions = <CountersignProvider client={{ authority: "https://login.example", clientId: "page" }} />;
// @ts-expect-error Nobody may be signed in.
export const Greeting = () => <p>{useAccount().subject}</p>;
// @ts-expect-error There may be no token.
export const Map = ({ length } = useToken().accessToken) => <p>{length}</p>;
// @ts-expect-error Only a user who is signed in has an account.
export const Nobody = () => <SignedOut>{(account: Account) => account.subject}</SignedOut>;
