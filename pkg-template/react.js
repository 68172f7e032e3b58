"use client";
// React bindings: a page's client as a store that components read.

import { Fragment, createContext, createElement, useContext, useEffect, useRef, useState, useSyncExternalStore } from "react";

import { Session, WAITING } from "./react-session.js";

const Context = createContext(null);

export function CountersignProvider({ client, onSignIn, children }) {
  const [session] = useState(() => new Session(client));
  const told = useRef(onSignIn);
  useEffect(() => {
    told.current = onSignIn;
  });
  useEffect(() => session.use((signIn) => told.current?.(signIn)), [session]);
  return createElement(Context.Provider, { value: session }, children);
}

export function useCountersign() {
  const session = useSession();
  return useSyncExternalStore(session.subscribe, session.read, waiting);
}

export function useAccount() {
  return useCountersign().account;
}

export function useToken({ scope, resource } = {}) {
  const { client, account } = useCountersign();
  const [state, setState] = useState(NO_TOKEN);
  // An array that a caller writes into the call is another one each time.
  const target = JSON.stringify([scope, resource]);
  useEffect(() => {
    setState(NO_TOKEN);
    if (account === null) return undefined;
    return keepFresh(client, { scope, resource }, setState);
  }, [client, account?.issuer, account?.subject, target]);
  return state;
}

export function SignedIn({ children }) {
  const { account } = useCountersign();
  if (account === null) return null;
  return createElement(Fragment, null, typeof children === "function" ? children(account) : children);
}

export function SignedOut({ children }) {
  return useCountersign().status === "signed-out" ? createElement(Fragment, null, children) : null;
}

export function SignInGuard({ options, fallback = null, children }) {
  const session = useSession();
  const state = useCountersign();
  const { status, signIn } = state;
  const wanted = useRef(options);
  useEffect(() => {
    wanted.current = options;
  });
  useEffect(() => {
    if (status === "signed-out" && session.mayStart) signIn({ returnTo: location.href, ...wanted.current });
  }, [session, status, signIn]);
  if (status === "signed-in") return createElement(Fragment, null, children);
  return createElement(Fragment, null, typeof fallback === "function" ? fallback(state) : fallback);
}

function useSession() {
  const session = useContext(Context);
  if (session === null) throw new Error("This component stands outside of CountersignProvider; put the provider around it.");
  return session;
}

const waiting = () => WAITING;

const NO_TOKEN = Object.freeze({ accessToken: null, error: null });
const LATEST_TIMER = 2 ** 31 - 1;
/** How long to wait with a token that is due and could not be renewed. */
const PAUSE_MS = 30_000;

/** Tells the token now and whenever it is another one. @returns what ends it */
function keepFresh(client, target, tell) {
  const ending = new AbortController();
  const { signal } = ending;
  let timer;
  let dueAt = 0;
  const get = async () => {
    clearTimeout(timer);
    try {
      const { accessToken, refreshAt } = await client.getToken({ ...target, signal });
      if (signal.aborted) return;
      dueAt = refreshAt * 1000;
      timer = setTimeout(look, Math.min(Math.max(dueAt - Date.now(), PAUSE_MS), LATEST_TIMER));
      tell((known) => (known.accessToken === accessToken ? known : Object.freeze({ accessToken, error: null })));
    } catch (error) {
      if (!signal.aborted) tell(Object.freeze({ accessToken: null, error }));
    }
  };
  // A timer may sleep with the machine, and a page that nobody sees needs no token.
  const look = () => document.visibilityState === "visible" && Date.now() >= dueAt && get();
  client.addEventListener("tokenrefreshed", get, { signal });
  document.addEventListener("visibilitychange", look, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
  get();
  return () => ending.abort();
}
