// What React components read of a client: one frozen object, another one after each change.

const tooEarly = () => {
  throw new Error("There is no client yet; wait until the status is signed-in or signed-out.");
};

/** On a server, and in a page until the client is there. */
export const WAITING = Object.freeze({ status: "loading", client: null, account: null, error: null, signIn: tooEarly, signOut: tooEarly });

export class Session {
  #given;
  #users = 0;
  #start;
  #ending = new AbortController();
  #signIn;
  #listeners = new Set();
  #state = WAITING;
  /** Whether a guard may begin a sign-in: the page was loaded without a session, and nothing has failed. */
  mayStart = false;

  /** @param given a client, or a function that makes one */
  constructor(given) {
    this.#given = given;
  }

  subscribe = (listener) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  read = () => this.#state;

  /** Makes the client at the first use, and completes a sign-in. @returns what ends the use */
  use(onSignIn) {
    this.#users += 1;
    this.#start ??= this.#begin(this.#ending.signal, onSignIn);
    return () => {
      this.#users -= 1;
      // React's StrictMode ends each effect once and begins it again.
      setTimeout(() => this.#users === 0 && this.#end());
    };
  }

  async #begin(signal, onSignIn) {
    const isOurs = typeof this.#given === "function";
    let client;
    try {
      client = isOurs ? await this.#given() : this.#given;
    } catch (error) {
      if (!signal.aborted) this.#set({ status: "failed", error });
      return;
    }
    const close = () => isOurs && client.close();
    if (signal.aborted) return close();
    signal.addEventListener("abort", close);
    this.#listenTo(client, signal);
    const { signIn = null, error = null } = await client.handleRedirect().then((signIn) => ({ signIn }), (error) => ({ error }));
    if (signal.aborted) return;
    // The page goes where it was before it shows itself signed in.
    if (signIn !== null) attempt(() => onSignIn(signIn));
    this.mayStart = client.account === null && error === null;
    this.#set({
      client,
      error,
      ...lookAt(client),
      signIn: (options) => void (this.#signIn ??= this.#told(() => client.signIn(options)).finally(() => (this.#signIn = undefined))),
      signOut: (options) => void this.#told(() => client.signOut(options)),
    });
  }

  #listenTo(client, signal) {
    const look = (changes) => this.#state.client !== null && this.#set({ ...lookAt(client), ...changes });
    client.addEventListener("signedin", () => look({ error: null }), { signal });
    // Who has signed out is not sent to sign in again.
    client.addEventListener("signedout", () => ((this.mayStart = false), look()), { signal });
    client.addEventListener("tokenrefreshed", () => client.account !== this.#state.account && look(), { signal });
    client.addEventListener("error", ({ detail }) => this.#set({ error: detail }), { signal });
  }

  #end() {
    this.#ending.abort();
    this.#ending = new AbortController();
    this.#start = undefined;
    this.#signIn = undefined;
    this.#set(WAITING);
  }

  /** What fails is in the state. */
  async #told(act) {
    this.#set({ error: null });
    try {
      await act();
    } catch (error) {
      this.mayStart = false;
      this.#set({ error });
    }
  }

  #set(changes) {
    this.#state = Object.freeze({ ...this.#state, ...changes });
    for (const listener of this.#listeners) listener();
  }
}

function lookAt({ account }) {
  return { account, status: account === null ? "signed-out" : "signed-in" };
}

/** What the page's own function throws is an error of the page, as in a listener. */
function attempt(act) {
  try {
    act();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
