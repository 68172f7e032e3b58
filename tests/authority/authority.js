import { Clock } from "./clock.js";
import { Directory } from "./directory.js";
import { Faults } from "./control/faults.js";
import { RequestRecord } from "./control/record.js";
import { AuthorizationCodes } from "./issued/authorization-codes.js";
import { DeviceCodes } from "./issued/device-codes.js";
import { RefreshTokens } from "./issued/refresh-tokens.js";
import { Revocations } from "./issued/revocations.js";
import { SigningKeys } from "./keys.js";
import { Sessions } from "./sessions.js";
import { Transactions } from "./sign-in/transactions.js";

/** All that the authority knows: one object that every endpoint is given. Nothing is kept elsewhere. */
export class Authority {
  #certificates = new Map();

  static async create({ directory, settings }) {
    const authority = new Authority();
    authority.clock = new Clock();
    authority.directory = new Directory(directory);
    authority.keys = await SigningKeys.create();
    authority.sessions = new Sessions(authority.clock);
    authority.transactions = new Transactions(authority.clock, authority.directory);
    authority.revocations = new Revocations(authority.clock);
    authority.codes = new AuthorizationCodes(authority.clock, authority.revocations);
    authority.refreshTokens = new RefreshTokens(authority.clock, authority.revocations);
    authority.deviceCodes = new DeviceCodes(authority.clock);
    authority.faults = new Faults();
    authority.record = new RequestRecord(authority.clock);
    authority.settings = settings;
    /** Where it listens: `https`, `http` and `control`, set when the listeners are up. */
    authority.origins = {};
    return authority;
  }

  /** The address of the listener that a request came in by; tokens and discovery speak in its name. */
  originOf(c) {
    return this.origins[c.req.url.startsWith("https:") ? "https" : "http"];
  }

  allOrigins() {
    return [this.origins.https, this.origins.http].filter(Boolean);
  }

  get controlOrigin() {
    return this.origins.control;
  }

  hosts() {
    return this.allOrigins().map((origin) => new URL(origin).host);
  }

  hostNames() {
    return new Set([...this.allOrigins().map((origin) => new URL(origin).hostname), "localhost", "127.0.0.1"]);
  }

  /** Certificates registered as credentials of an application: `{ pem, x5t, x5tS256 }`. */
  certificatesOf(clientId) {
    return this.#certificates.get(clientId) ?? [];
  }

  addCertificate(clientId, certificate) {
    this.#certificates.set(clientId, [...this.certificatesOf(clientId), certificate]);
  }
}
