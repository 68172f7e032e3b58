import { randomBytes, randomInt } from "node:crypto";
import { Refusal } from "../refusals.js";

const LIFETIME = 900;
// No vowels and nothing that is read as something else (RFC 8628 section 6.1).
const ALPHABET = "BCDFGHJKLMNPQRSTVWXZ";

export class DeviceCodes {
  #byDeviceCode = new Map();

  constructor(clock) {
    this.clock = clock;
  }

  issue(request) {
    for (const [code, { expiresAt }] of this.#byDeviceCode) {
      // Kept for a while after their end, so that a late poll is told that it is late.
      if (expiresAt + LIFETIME >= this.clock.now()) break;
      this.#byDeviceCode.delete(code);
    }
    const deviceCode = randomBytes(48).toString("base64url");
    const userCode = Array.from({ length: 9 }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
    this.#byDeviceCode.set(deviceCode, { ...request, deviceCode, userCode, expiresAt: this.clock.now() + LIFETIME, state: "pending" });
    return { deviceCode, userCode, lifetime: LIFETIME };
  }

  /** What the person typed, with or without separators and in either case. */
  findByUserCode(text) {
    const wanted = (text ?? "").toUpperCase().replace(/[^A-Z]/g, "");
    const entry = [...this.#byDeviceCode.values()].find((e) => e.userCode === wanted);
    return entry && entry.state === "pending" && entry.expiresAt > this.clock.now() ? entry : undefined;
  }

  approve(entry, session, tenant) {
    Object.assign(entry, { state: "approved", session, tenant });
  }

  decline(entry) {
    entry.state = "declined";
  }

  /** One poll of the device (RFC 8628 section 3.5); the approved entry is handed out once. */
  poll(deviceCode, clientId) {
    const entry = this.#byDeviceCode.get(deviceCode);
    if (!entry || entry.client.clientId !== clientId || entry.state === "redeemed") throw new Refusal(70018);
    if (entry.state === "declined") throw new Refusal(65004, {}, { error: "authorization_declined" });
    if (entry.expiresAt <= this.clock.now()) throw new Refusal(70019);
    if (entry.state === "pending") throw new Refusal(70016);
    entry.state = "redeemed";
    return entry;
  }
}
