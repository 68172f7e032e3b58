/** Who calls whom, each hop with the token that it carried, as its receiver verified it. */
import { showPairs } from "./pairs.js";
import { TokenPole } from "./token-pole.js";

const KINDS = { user: "User’s token", app: "Application’s token", unknown: "Token" };

/** One way from a caller to an API. */
export class Hop {
  #element;
  #pole = new TokenPole("");

  /** @param {string} id of the element */
  constructor(id) {
    this.#element = document.getElementById(id);
  }

  /** @param {{ status: number, token?: object, error?: string }} response of the receiver */
  show({ status, token, error }) {
    this.#set(token ? "passed" : "refused", status === 0 ? (error ?? "no response") : String(status));
    if (token === undefined) {
      this.#part("hop-token").replaceChildren();
      this.#part("pairs").replaceChildren();
      return;
    }
    const { kind, audience, scopes, roles, issued, expires } = token;
    if (!this.#pole.element.isConnected) this.#part("hop-token").replaceChildren(this.#pole.element);
    this.#element.dataset.kind = kind;
    this.#pole.rename(KINDS[kind]);
    this.#pole.show({ from: issued, to: expires });
    const granted = { ...(scopes.length > 0 && { scopes: scopes.join(" ") }), ...(roles.length > 0 && { roles: roles.join(" ") }) };
    showPairs(this.#part("pairs"), { audience: [audience].flat().join(" "), ...granted });
  }

  /** Nothing can go this way, and why. */
  close(reason) {
    this.#set("closed", "");
    this.#part("hop-note").textContent = reason;
  }

  tick() {
    if (this.#pole.element.isConnected) this.#pole.tick();
  }

  #set(state, status) {
    this.#element.dataset.state = state;
    this.#part("hop-status").textContent = status;
    this.#part("hop-note").textContent = "";
  }

  #part(name) {
    return this.#element.querySelector(`.${name}`);
  }
}
