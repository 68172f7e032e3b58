import { errors, exportJWK, jwtVerify, SignJWT } from "jose";
import { selfSigned, thumbprints } from "./certificates.js";
import { CONSUMERS } from "./directory/directory.js";
import { ANY_TENANT, issuers } from "./issuers.js";

/** Nobody looks at the dates in a signing key's certificate; these keep its thumbprint, the `kid`, the same for the same key. */
const PERIOD = { notBefore: new Date("2020-01-01T00:00:00Z"), notAfter: new Date("2049-12-31T00:00:00Z") };

/**
 * The keys that sign tokens. As at Entra, a key is named by the SHA-1 thumbprint of its certificate,
 * is published without `alg`, and carries the `issuer` it may be used for: a template for
 * organisations, the concrete issuer for personal accounts (Microsoft identity platform, "Access
 * tokens: validate the issuer").
 */
export class SigningKeys {
  #organizations = [];
  #consumers = [];
  #ofApplications = new Map();
  #made = 0;

  /** @param {(name: string) => Promise<CryptoKeyPair>} rsaKeys */
  static async create(rsaKeys) {
    const keys = new SigningKeys();
    keys.rsaKeys = rsaKeys;
    // Two for organisations, as the service always publishes more than the one in use.
    const [first, second, consumers] = await Promise.all([keys.#generate(), keys.#generate(), keys.#generate()]);
    keys.#organizations.push(first, second);
    keys.#consumers.push(consumers);
    return keys;
  }

  /** Signs an access or ID token with the key in use for the tenant. */
  sign(payload, { tenantId, version, application }) {
    const [key] = this.#set(tenantId, application);
    const header = { typ: "JWT", alg: "RS256", kid: key.kid };
    // "x5t" is in v1.0 tokens only ("Access token claims reference").
    if (version === 1) header.x5t = key.kid;
    return new SignJWT(payload).setProtectedHeader(header).sign(key.privateKey);
  }

  /** Signs with a new key from now on; the old ones stay published until retired. */
  async rotate({ retire = false } = {}) {
    const [organizations, consumers] = await Promise.all([this.#generate(), this.#generate()]);
    if (retire) this.#organizations = this.#consumers = [];
    this.#organizations = [organizations, ...this.#organizations];
    this.#consumers = [consumers, ...this.#consumers];
    return { kid: organizations.kid };
  }

  /** Gives an application its own signing key; its tokens then verify only with `?appid=` keys. */
  async addCustomKey(clientId) {
    const key = await this.#generate();
    this.#ofApplications.set(clientId, [key]);
    return { kid: key.kid };
  }

  /**
   * The JWK Set of `/{tenant}/discovery/v2.0/keys`, or of v1.0, whose keys carry no issuer.
   * @param {{ version: 1|2, tenant?: object, tenantSegment: string, origin: string, clientId?: string }} request
   *   without a tenant the segment is `common` or `organizations`
   */
  jwks({ version, tenant, tenantSegment, origin, clientId }) {
    const own = this.#ofApplications.get(clientId);
    const publish = (keys, owner) => keys.map(({ jwk }) => (version === 2 && owner ? { ...jwk, issuer: issuers(origin, owner).v2 } : jwk));
    const organizations = publish(own ?? this.#organizations, ownerOf(tenant));
    const consumers = publish(this.#consumers, { id: CONSUMERS });
    if (tenant?.id === CONSUMERS) return { keys: consumers };
    if (own || tenantSegment === "organizations" || tenant?.kind === "external" || tenant?.kind === "b2c") return { keys: organizations };
    return { keys: [...organizations, ...consumers] };
  }

  /**
   * The claims of one of this authority's own tokens that comes back, as an assertion or to Graph.
   * An application's own keys do not count: an API with custom signing keys cannot be a middle tier
   * ("On-Behalf-Of flow").
   */
  async verify(token, clock, options) {
    const keys = [...this.#organizations, ...this.#consumers];
    const find = ({ kid }) => keys.find((key) => key.kid === kid)?.publicKey ?? Promise.reject(new errors.JWKSNoMatchingKey());
    const { payload } = await jwtVerify(token, find, { algorithms: ["RS256"], currentDate: new Date(clock.milliseconds()), ...options });
    return payload;
  }

  #set(tenantId, application) {
    if (tenantId === CONSUMERS) return this.#consumers;
    return this.#ofApplications.get(application) ?? this.#organizations;
  }

  async #generate() {
    const keys = await this.rsaKeys(`signing key ${++this.#made}`);
    const certificate = await selfSigned({ keys, name: "accounts.accesscontrol.local", ...PERIOD });
    const { x5t, x5c } = thumbprints(certificate);
    const { kty, n, e } = await exportJWK(keys.publicKey);
    return { kid: x5t, privateKey: keys.privateKey, publicKey: keys.publicKey, jwk: { kty, use: "sig", kid: x5t, x5t, n, e, x5c: [x5c] } };
  }
}

/** Whose issuer a key for organisations carries: any organisation's, or that of an external tenant alone; at B2C none. */
function ownerOf(tenant) {
  if (tenant?.kind === "b2c") return undefined;
  return tenant?.kind === "external" ? tenant : ANY_TENANT;
}
