import { randomBytes } from "node:crypto";
import { Refusal } from "../refusals.js";

/** Seconds that a code can be redeemed for ("OAuth 2.0 authorization code flow": codes expire after about 10 minutes). */
const LIFETIME = 600;

/** What every code of this authority looks like; another text was changed on its way. */
const WELL_FORMED = /^1\.[\w-]{64}$/;

export class AuthorizationCodes {
  #codes = new Map();

  constructor(clock, revocations) {
    this.clock = clock;
    this.revocations = revocations;
  }

  issue(grant) {
    const now = this.clock.now();
    for (const [code, { issuedAt }] of this.#codes) {
      // Kept for a while after expiry, so that a late or a second redemption is told what it is.
      if (issuedAt + 10 * LIFETIME >= now) break;
      this.#codes.delete(code);
    }
    const code = `1.${randomBytes(48).toString("base64url")}`;
    this.#codes.set(code, { ...grant, issuedAt: now, place: this.revocations.place(), redeemed: false });
    return code;
  }

  /** The grant behind a code, without using it up. */
  find(code, clientId) {
    if (!WELL_FORMED.test(code)) throw new Refusal(9002313);
    const grant = this.#codes.get(code);
    if (!grant || grant.client.clientId !== clientId) throw new Refusal(70000);
    if (grant.redeemed) throw new Refusal(54005);
    if (grant.issuedAt + LIFETIME < this.clock.now()) throw new Refusal(70008);
    this.revocations.checkGrant(grant.session.account.user, grant);
    return grant;
  }

  /** A code works once (RFC 6749 section 4.1.2). */
  redeem(code) {
    const grant = this.#codes.get(code);
    // Looked at again: another redemption may have come first while this one's client was authenticated.
    if (grant.redeemed) throw new Refusal(54005);
    grant.redeemed = true;
  }
}
