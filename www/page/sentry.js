/** What the sentry says, and what is seen at the post: the lantern and the barrier. */
import { showPairs } from "./pairs.js";

const post = document.getElementById("post");
const by = (id) => document.getElementById(id);

/** Who speaks, in what words, and what that means; the barrier is up if somebody has passed. */
const SCENES = {
  asking: () => ["The sentry asks", "Who goes there?", "Nobody is signed in. The barrier is down."],
  challenging: () => ["The sentry says", "Advance, and give the countersign.", "The provider’s response is being checked."],
  leaving: () => ["The sentry says", "Advance, and give the countersign.", "On the way to the provider."],
  passed: (name) => ["The sentry says", `Pass, ${name}.`, "All is well. The tokens are renewed before they expire."],
  due: (name) => ["The sentry says", `Stand fast, ${name}.`, "The session can no longer be renewed. Sign in again."],
};

/** @param {keyof typeof SCENES} scene */
export function setScene(scene, name) {
  const [speaker, challenge, situation] = SCENES[scene](name);
  post.dataset.scene = scene === "leaving" ? "challenging" : scene;
  by("speaker").textContent = speaker;
  by("challenge").textContent = challenge;
  by("situation").textContent = situation;
}

/** An error with its code, what to do about it, and what the server itself said. */
export function showRefusal(error) {
  post.classList.add("halted");
  by("refusal-code").textContent = error.code ?? error.name;
  by("refusal-message").textContent = error.message;
  showPairs(by("refusal-server"), error.error_description ? { error_description: error.error_description } : {});
  by("refusal").hidden = false;
}

export function clearRefusal() {
  post.classList.remove("halted");
  by("refusal").hidden = true;
}

by("refusal-dismiss").addEventListener("click", clearRefusal);
