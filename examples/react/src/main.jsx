import { createClient } from "countersign";
import { CountersignProvider } from "countersign/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./app.jsx";

const client = () =>
  createClient({
    authority: "https://login.example",
    clientId: "my-page",
    redirectUri: `${location.origin}/`,
    scope: "openid profile offline_access notes.read",
  });

/** With a router: its own function. */
const navigate = (url) => history.replaceState(null, "", url);

createRoot(document.querySelector("#root")).render(
  <StrictMode>
    <CountersignProvider client={client} onSignIn={({ returnTo }) => returnTo && navigate(returnTo)}>
      <App />
    </CountersignProvider>
  </StrictMode>,
);
