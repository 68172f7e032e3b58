/** The log of protocol steps. It survives the way to the provider and back; no entry holds a secret. */

const KEPT_AS = "demo.steps";
const MAX_STEPS = 80;

const SAID = {
  session_restored: "The session from before the reload was restored.",
  session_dropped: "A stored session could not be read and was dropped.",
  tab_copied: "This tab is a duplicate: the refresh token stays with the original.",
  discovery_request: "Asked the provider where its endpoints are.",
  authorization_request: "Gave the challenge: sent you to the provider with the hash of a secret word.",
  authorization_response: "You came back with the provider's response. It is removed from the URL.",
  token_request: "Gave the countersign: the code, and the secret word itself.",
  token_response: "Tokens arrived, and the ID token was checked.",
  refresh_request: "Handed in the refresh token for new tokens.",
  refresh_response: "New tokens arrived. The refresh token handed in is not used again.",
  refresh_failed: "No new tokens. The token that is still good is kept.",
  logout_request: "Forgot the tokens and told the provider.",
  api_request: "Called the API.",
  api_response: "The API responded.",
};

const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

export class Steps {
  #list;
  #entries;

  constructor(list) {
    this.#list = list;
    this.#entries = restore();
    for (const entry of this.#entries) this.#show(entry);
  }

  /** @param {{ step: string, detail: string, time: number }} entry as `onLog` is given it; `time` in seconds */
  add = (entry) => {
    this.#entries = [...this.#entries, entry].slice(-MAX_STEPS);
    sessionStorage.setItem(KEPT_AS, JSON.stringify(this.#entries));
    this.#show(entry);
  };

  #show({ step, detail, time }) {
    const item = document.createElement("li");
    item.className = "step";
    item.append(
      part("time", "step-time", clock.format(time * 1000)),
      part("p", "step-said", SAID[step] ?? ""),
      part("p", "step-name", [step, detail].filter(Boolean).join(" ")),
    );
    this.#list.append(item);
    while (this.#list.children.length > MAX_STEPS) this.#list.firstElementChild.remove();
    this.#list.parentElement.scrollTop = this.#list.scrollHeight;
  }
}

function part(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

function restore() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT_AS)) ?? [];
  } catch {
    return [];
  }
}
