/** A page of React components; what a test stored says which, and with which client. */
import { createClient } from "countersign";
import { CountersignProvider, SignedIn, SignedOut, SignInGuard, useAccount, useCountersign, useToken } from "countersign/react";
import { createElement as h, StrictMode, useState, version } from "react";
import { createRoot } from "react-dom/client";

const program = { version, signIns: [], states: [], clients: [], rendered: 0 };
globalThis.program = program;

function Status() {
  const state = useCountersign();
  const account = useAccount();
  if (program.states.at(-1) !== state) program.states.push(state);
  program.state = state;
  return [
    h("output", { key: "status", id: "status" }, [state.status, account?.subject, state.error?.code].filter(Boolean).join(" ")),
    h("button", { key: "in", id: "in", onClick: () => state.signIn({ appState: "mine", returnTo: "/back" }) }, "Sign in"),
    h("button", { key: "out", id: "out", onClick: () => state.signOut({ local: true }) }, "Sign out"),
    h(SignedIn, { key: "shown" }, ({ subject }) => h("p", { id: "signed-in" }, subject)),
    h(SignedOut, { key: "hidden" }, h("p", { id: "signed-out" }, "nobody")),
  ];
}

function Token({ scope }) {
  program.rendered += 1;
  const { accessToken, error } = useToken({ scope: [scope] });
  return h("output", { id: "token" }, error?.code ?? accessToken ?? "none");
}

const guarded = h(
  SignInGuard,
  { fallback: ({ error, signIn }) => h("button", { id: "fallback", onClick: () => signIn() }, error?.code ?? "waiting") },
  h("p", { id: "guarded" }, "orders"),
);

function App({ settings: { react: _, parts, scope = "openid notes.read", ...options } }) {
  const [isThere, setThere] = useState(true);
  program.setThere = setThere;
  const client = async () => {
    const client = await createClient(options);
    program.clients.push(client);
    return client;
  };
  const onSignIn = (signIn) => {
    program.signIns.push(signIn);
    if (signIn.returnTo) history.replaceState(null, "", signIn.returnTo);
  };
  if (!isThere) return null;
  return h(
    CountersignProvider,
    { client, onSignIn },
    h(Status),
    parts.includes("token") && h(Token, { scope }),
    parts.includes("guard") && guarded,
  );
}

const settings = JSON.parse(localStorage.getItem("settings") ?? "null");
if (settings !== null) createRoot(document.querySelector("#root")).render(h(StrictMode, null, h(App, { settings })));
globalThis.whenLoaded?.(program);
