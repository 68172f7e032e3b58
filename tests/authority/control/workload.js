import { exportJWK, SignJWT } from "jose";
import { randomUUID } from "node:crypto";

/**
 * A small identity provider of its own on the control port, such as a build service or a cluster has:
 * its tokens are what federated credentials trust ("Workload identity federation").
 */
export class WorkloadIssuer {
  #keys;

  constructor(authority) {
    this.authority = authority;
  }

  get issuer() {
    return `${this.authority.origins.control}/workload`;
  }

  #current() {
    this.#keys ??= this.authority.rsaKeys("workload");
    return this.#keys;
  }

  discovery() {
    return { issuer: this.issuer, jwks_uri: `${this.issuer}/keys`, id_token_signing_alg_values_supported: ["RS256"], response_types_supported: ["id_token"], subject_types_supported: ["public"] };
  }

  async jwks() {
    const { kty, n, e } = await exportJWK((await this.#current()).publicKey);
    return { keys: [{ kty, n, e, kid: "workload", use: "sig", alg: "RS256" }] };
  }

  async token({ subject, audience = "api://AzureADTokenExchange", lifetime = 600 }) {
    const now = this.authority.clock.now();
    return new SignJWT({ iss: this.issuer, sub: subject, aud: audience, iat: now, nbf: now, exp: now + lifetime, jti: randomUUID() })
      .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: "workload" })
      .sign((await this.#current()).privateKey);
  }
}
