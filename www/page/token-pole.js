/** A token's life as a pole that is drawn in as the time runs out, and pushed out again at a refresh. */

const template = document.getElementById("token-template");
const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
const REFILL_MS = 700;

export class TokenPole {
  #element = template.content.firstElementChild.cloneNode(true);
  #life = { from: 0, to: 0 };
  #moving;

  /** @param {string} name @param {{ slow?: boolean }} look */
  constructor(name, { slow = false } = {}) {
    this.rename(name);
    this.#element.classList.toggle("slow", slow);
  }

  rename(name) {
    this.#part("token-name").textContent = name;
    this.#part("pole").setAttribute("aria-label", `${name}: seconds left`);
  }

  get element() {
    return this.#element;
  }

  /**
   * Shows a token's life and when it will be renewed, in seconds. The same life again changes nothing.
   * The pole must be in the page.
   */
  show({ from, to, renewal, about = "" }) {
    this.#part("token-about").textContent = about;
    this.#part("renewal").hidden = renewal === undefined;
    this.#part("renewal").style.left = `${((to - renewal) / (to - from)) * 100}%`;
    if (from === this.#life.from && to === this.#life.to) return;
    this.#life = { from, to };
    this.#part("pole").setAttribute("aria-valuemax", Math.round(to - from));
    this.#move();
    this.tick();
  }

  /** Says how much is left; to be called every second. */
  tick() {
    const left = Math.max(0, Math.ceil(this.#life.to - now()));
    const text = left === 0 ? "expired" : `${inWords(left)} left`;
    this.#part("token-left").textContent = text;
    this.#element.classList.toggle("ended", left === 0);
    const pole = this.#part("pole");
    pole.setAttribute("aria-valuenow", left);
    pole.setAttribute("aria-valuetext", text);
    if (reducedMotion.matches) this.#paint().style.transform = pulledBy(this.#leftOver());
  }

  #move() {
    if (reducedMotion.matches) return;
    const { to } = this.#life;
    const duration = Math.max(REFILL_MS, (to - now()) * 1000);
    const shown = this.#moving === undefined ? 0 : this.#shown();
    const full = this.#leftOver();
    this.#moving?.cancel();
    this.#moving = this.#paint().animate(
      [
        { transform: pulledBy(shown), easing: "cubic-bezier(0.2, 0.8, 0.3, 1)" },
        { transform: pulledBy(full), offset: Math.min(0.9, REFILL_MS / duration) },
        { transform: pulledBy(0) },
      ],
      { duration, fill: "forwards" },
    );
  }

  /** The part of its life that is left, and the part of the pole that is seen. */
  #leftOver() {
    const { from, to } = this.#life;
    return Math.min(1, Math.max(0, (to - now()) / (to - from)));
  }

  #shown() {
    const { m41 } = new DOMMatrix(getComputedStyle(this.#paint()).transform);
    return 1 + m41 / this.#paint().offsetWidth;
  }

  #paint() {
    return this.#part("pole-paint");
  }

  #part(name) {
    return this.#element.querySelector(`.${name}`);
  }
}

const now = () => Date.now() / 1000;
const pulledBy = (left) => `translateX(${(left - 1) * 100}%)`;

function inWords(seconds) {
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds} s` : `${minutes} min ${String(seconds % 60).padStart(2, "0")} s`;
}
