import { randomUUID } from "node:crypto";
import { AuthorizationCodes } from "./issued/authorization-codes.js";
import { DeviceCodes } from "./issued/device-codes.js";
import { RefreshTokens } from "./issued/refresh-tokens.js";
import { Revocations } from "./issued/revocations.js";
import { Clock } from "./clock.js";
import { Directory } from "./directory/directory.js";
import { Faults } from "./control/faults.js";
import { RequestRecord } from "./control/record.js";
import { SigningKeys } from "./keys.js";
import { Sessions } from "./sessions.js";
import { Transactions } from "./sign-in/transactions.js";
import { WorkloadIssuer } from "./control/workload.js";

/** What all clouds of one server have in common: time, settings, and what a test looks at and provokes. */
export class Surroundings {
  constructor(settings) {
    this.settings = settings;
    this.clock = new Clock();
    this.faults = new Faults();
    this.record = new RequestRecord(this.clock);
  }
}

/** All that the authority of one cloud knows: one object that every endpoint is given. Nothing is kept elsewhere. */
export class Authority {
  #certificates = new Map();

  /**
   * @param {object} parts
   * @param {object} parts.directory the data of a directory file
   * @param {(name: string) => Promise<CryptoKeyPair>} parts.rsaKeys
   * @param {Surroundings} parts.surroundings
   */
  static async create({ directory, rsaKeys, surroundings }) {
    const authority = Object.assign(new Authority(), surroundings);
    authority.directory = new Directory(directory);
    authority.rsaKeys = (name) => rsaKeys(`${authority.cloud.name} ${name}`);
    authority.keys = await SigningKeys.create(authority.rsaKeys);
    authority.sessions = new Sessions(authority);
    authority.transactions = new Transactions(authority.clock, authority.directory);
    authority.revocations = new Revocations(authority.clock);
    authority.codes = new AuthorizationCodes(authority.clock, authority.revocations);
    authority.refreshTokens = new RefreshTokens(authority.clock, authority.revocations);
    authority.deviceCodes = new DeviceCodes(authority.clock);
    authority.workload = new WorkloadIssuer(authority);
    /** The secret of App Service's identity endpoint. */
    authority.identityHeader = randomUUID();
    /** Where it is reached: `https`, `http`, `control` and `identity`, set when the listeners are up. */
    authority.origins = {};
    /** Where it listens, which is somewhere else with a public URL. */
    authority.listening = {};
    /** The authorities of all clouds, this one among them; instance discovery lists them. */
    authority.clouds = [authority];
    /** Paths of what clients read: the certificate to trust, credentials, tokens of workloads. */
    authority.files = { registrations: {} };
    return authority;
  }

  /** The name of this cloud, and the domain that its metadata calls it by. */
  get cloud() {
    return this.directory.data.cloud ?? { name: "public", instanceName: undefined };
  }

  /** The origin that a request came to; tokens and discovery speak in its name. */
  originOf(c) {
    return c.env.origin;
  }

  /** The origin for tokens that no request at a listener of its own asks for. */
  get mainOrigin() {
    return this.origins.https ?? this.origins.http;
  }

  allOrigins() {
    return [...new Set([this.origins.https, this.origins.http].filter(Boolean))];
  }

  hosts() {
    return this.allOrigins().map((origin) => new URL(origin).host);
  }

  /** Certificates registered as credentials of an application: `{ pem, x5t, x5tS256 }`. */
  certificatesOf(clientId) {
    return this.#certificates.get(clientId) ?? [];
  }

  addCertificate(clientId, certificate) {
    this.#certificates.set(clientId, [...this.certificatesOf(clientId), certificate]);
  }
}
