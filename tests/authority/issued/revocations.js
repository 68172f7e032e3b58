import { Refusal } from "../refusals.js";

/**
 * When users' tokens stopped being good. What was issued before and what after is told apart by the
 * order of events, so that it holds within one second and with a clock that stands still.
 */
export class Revocations {
  #event = 0;
  #signIns = new Map();
  #accessTokens = new Map();

  constructor(clock) {
    this.clock = clock;
  }

  /** The place of something issued now in the order of events; tokens carry it. */
  place() {
    return ++this.#event;
  }

  /** Refresh tokens so far are refused, and access tokens of CAE clients with them (revokeSignInSessions). */
  revokeSignIns(user) {
    const revocation = { place: this.place(), time: this.clock.now() };
    this.#signIns.set(user.id, revocation);
    this.#accessTokens.set(user.id, revocation);
    return revocation;
  }

  /** A critical event: CAE clients need a new access token; the refresh token gets it. */
  revokeAccessTokens(user) {
    const revocation = { place: this.place(), time: this.clock.now() };
    this.#accessTokens.set(user.id, revocation);
    return revocation;
  }

  /** Refuses a grant (refresh token, assertion) that is older than the user's last revocation. */
  checkGrant(user, { place, issuedAt }) {
    const revoked = this.#signIns.get(user.id);
    if (!revoked || place > revoked.place) return;
    const date = (seconds) => new Date(seconds * 1000).toISOString();
    throw new Refusal(50173, { issued: date(issuedAt), revoked: date(revoked.time) });
  }

  /** The time from which an access token would be good, if this one is not; else undefined. */
  accessTokenRevoked(user, place) {
    const revoked = this.#accessTokens.get(user.id);
    return revoked && place < revoked.place ? revoked.time : undefined;
  }
}
