import { randomBytes } from "node:crypto";
import { Refusal } from "../refusals.js";

const DAY = 24 * 3600;
/** "Refresh tokens in the Microsoft identity platform": 24 hours for single-page apps, 90 days for all others. */
const SPA_LIFETIME = DAY;
const INACTIVITY = 90 * DAY;

/** Kept at most, the oldest going first: more than any test signs in, less than memory holds. */
const LIMIT = 50_000;

/** What every refresh token of this authority looks like; another text was changed on its way. */
const WELL_FORMED = /^1\.[\w-]{86}$/;

/** The same request this often within this many seconds is a loop (AADSTS50196). */
const LOOP = { requests: 15, seconds: 300 };

/**
 * Refresh tokens are bound to user and client, not to a resource or a tenant. A new one comes with
 * every use; the old one keeps working until its own end.
 */
export class RefreshTokens {
  #tokens = new Map();
  #uses = new Map();

  constructor(clock, revocations) {
    this.clock = clock;
    this.revocations = revocations;
  }

  /** @param {object} grant `{ client, user, redirectType, mfa, authTime, sid, capabilities, fixedEnd? }` */
  issue(grant) {
    const now = this.clock.now();
    // A spa token's successors end when the first one does.
    const fixedEnd = grant.redirectType === "spa" ? (grant.fixedEnd ?? now + SPA_LIFETIME) : undefined;
    const token = `1.${randomBytes(64).toString("base64url")}`;
    if (this.#tokens.size >= LIMIT) this.#tokens.delete(this.#tokens.keys().next().value);
    this.#tokens.set(token, { ...grant, fixedEnd, issuedAt: now, lastUsed: now, place: this.revocations.place() });
    return { token, fixedEnd };
  }

  /**
   * The grant behind a refresh token presented by this client.
   * @param {string} token
   * @param {{ clientId: string, policy?: string, request: string }} use `request` is what else was in the request, to
   *   tell a loop from honest use
   */
  use(token, { clientId, policy, request }) {
    if (!WELL_FORMED.test(token)) throw new Refusal(9002313);
    const grant = this.#tokens.get(token);
    if (!grant || grant.client.clientId !== clientId) throw new Refusal(70000);
    if (grant.policy !== policy) throw new Refusal("AADB2C90088", { actual: grant.policy, expected: policy });
    const now = this.clock.now();
    const issued = new Date(grant.issuedAt * 1000).toISOString();
    this.revocations.checkGrant(grant.user, grant);
    if (grant.fixedEnd !== undefined && grant.fixedEnd <= now) throw new Refusal(700084, { issued });
    if (grant.lastUsed + INACTIVITY <= now) throw new Refusal(700082, { issued });
    this.#detectLoop(`${token}\n${request}`, now);
    grant.lastUsed = now;
    return grant;
  }

  #detectLoop(key, now) {
    const uses = (this.#uses.get(key) ?? []).filter((time) => time > now - LOOP.seconds);
    uses.push(now);
    this.#uses.delete(key);
    this.#uses.set(key, uses);
    if (this.#uses.size > 10_000) this.#uses.delete(this.#uses.keys().next().value);
    if (uses.length > LOOP.requests) throw new Refusal(50196);
  }
}
