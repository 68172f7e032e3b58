import { randomBytes, randomUUID } from "node:crypto";
import { getCookie, setCookie } from "hono/cookie";

const COOKIE = "ESTSAUTH";
/** Browsers remembered at most, the oldest going first. */
const LIMIT = 50_000;

/** A sign-in as grants keep it: the account, how and when it was authenticated. */
export function signInOf({ signedIn, account }) {
  return { account, mfa: signedIn.mfa, authTime: signedIn.authTime, sid: signedIn.sid };
}

/** Who is signed in in which browser: single sign-on, several accounts at once. */
export class Sessions {
  #sessions = new Map();

  constructor({ clock }) {
    this.clock = clock;
  }

  /** The browser's session, or undefined. */
  of(c) {
    return this.#sessions.get(getCookie(c, COOKIE));
  }

  /** Signs a user in; the cookie goes out with the response. */
  signIn(c, user, { mfa }) {
    let session = this.of(c);
    if (!session) {
      if (this.#sessions.size >= LIMIT) this.#sessions.delete(this.#sessions.keys().next().value);
      const id = randomBytes(32).toString("base64url");
      session = { id, accounts: new Map() };
      this.#sessions.set(id, session);
      // A page in a hidden iframe of another site must send it too (prompt=none); SameSite=None needs https.
      const secure = c.env.origin.startsWith("https:");
      setCookie(c, COOKIE, id, { path: "/", httpOnly: true, secure, sameSite: secure ? "None" : "Lax" });
    }
    const before = session.accounts.get(user.id);
    const entry = { user, mfa: mfa || Boolean(before?.mfa), authTime: this.clock.now(), sid: before?.sid ?? randomUUID(), clients: before?.clients ?? new Set() };
    session.accounts.set(user.id, entry);
    return entry;
  }

  /** Signs out one account, or all; gives back what ended. */
  signOut(c, userName) {
    const session = this.of(c);
    const ended = [...(session?.accounts.values() ?? [])].filter((e) => !userName || e.user.name === userName);
    for (const entry of ended) session.accounts.delete(entry.user.id);
    return ended;
  }

  /** Ends every session of a user in all browsers. */
  end(user) {
    for (const session of this.#sessions.values()) session.accounts.delete(user.id);
  }
}
