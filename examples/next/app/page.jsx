"use client";
import { SignedIn, SignedOut, useCountersign } from "countersign/react";
import { useEffect, useState } from "react";

const API = "https://api.example/notes";

export default function Page() {
  const { account, error, signIn, signOut } = useCountersign();
  return (
    <>
      <SignedOut>
        <button onClick={() => signIn({ returnTo: location.href })}>Sign in</button>
      </SignedOut>
      <SignedIn>
        <button onClick={() => signOut()}>Sign out {account?.claims.name}</button>
        <Notes />
      </SignedIn>
      {error && <p role="alert">{error.message}</p>}
    </>
  );
}

function Notes() {
  const { client } = useCountersign();
  const [notes, setNotes] = useState("");
  useEffect(() => {
    const ending = new AbortController();
    client
      .fetch(API, { signal: ending.signal })
      .then((response) => response.text())
      .then(setNotes)
      .catch((error) => error.code !== "aborted" && setNotes(error.message));
    return () => ending.abort();
  }, [client]);
  return <pre>{notes}</pre>;
}
