// What the page of each peer runs: it opens the library and asks for the first token. The bundle
// gets the peer and the settings when it is built.
import { open } from "peer";

const opened = open(SETTINGS);

/** The library, for the program that drives the page. */
globalThis.library = opened;

/** Milliseconds from the start of the navigation to the first token. Fails if nobody is signed in. */
globalThis.firstToken = opened.then(async ({ getToken, accessTokenOf }) => {
  const token = await getToken(SETTINGS.scope);
  const time = performance.now();
  if (!accessTokenOf(token)) throw new Error("Nobody is signed in.");
  return time;
});
// A page that nobody has signed in on yet.
globalThis.firstToken.catch(() => {});
