"use client";
import { createClient } from "countersign";
import { CountersignProvider } from "countersign/react";
import { useRouter } from "next/navigation";

/** Is called in the browser only. */
const client = () =>
  createClient({
    authority: "https://login.example",
    clientId: "my-page",
    redirectUri: `${location.origin}/`,
    scope: "openid profile offline_access notes.read",
  });

export function Providers({ children }) {
  const router = useRouter();
  return (
    <CountersignProvider client={client} onSignIn={({ returnTo }) => returnTo && router.replace(returnTo)}>
      {children}
    </CountersignProvider>
  );
}
