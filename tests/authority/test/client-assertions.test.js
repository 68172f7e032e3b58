import { SignJWT } from "jose";
import assert from "node:assert/strict";
import { createPrivateKey, createSecretKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { generateRsaKeys, issuedBy, privateKeyPem, selfSigned, thumbprints } from "../certificates.js";
import { CLIENT_ASSERTION_TYPE, expectRefusal, RawClient, startForTests, verify } from "./fixture.js";

const ORDERS = "api://orders.contoso.example";

/** RFC 7523 as Entra has it, by requests written out by hand. */
describe("client assertions", () => {
  let authority, raw;
  before(async () => {
    authority = await startForTests();
    raw = new RawClient(authority);
  });
  after(() => authority.close());

  describe("certificate assertions", () => {
    const client = () => authority.app["Daemon with a certificate"];
    const assertion = (change, header) => raw.assertion(client(), change, header);
    const ask = async (client_assertion) =>
      raw.token({ client_id: client().clientId, grant_type: "client_credentials", scope: `${ORDERS}/.default`, client_assertion, client_assertion_type: CLIENT_ASSERTION_TYPE });

    test("good as it is, with the issuer as audience, and with RS256 and x5t", async () => {
      assert.equal((await ask(await assertion())).status, 200);
      assert.equal((await ask(await assertion({ aud: `${authority.https}/${authority.contoso.id}/v2.0` }))).status, 200);
      const { x5t } = thumbprints({ rawData: new X509Certificate(await readFile(client().certificate)).raw });
      assert.equal((await ask(await assertion({}, { alg: "RS256", "x5t#S256": undefined, x5t }))).status, 200);
    });

    test("50027: a list for an audience, even with the right value in it", async () => expectRefusal(await ask(await assertion({ aud: [`${raw.oauth2}/token`] })), 50027, "invalid_request"));
    test("50027: signed with the public certificate as if it were a shared key (RFC 8725 section 2.1)", async () => {
      const key = createSecretKey(await readFile(client().certificate));
      expectRefusal(await ask(await assertion({}, { alg: "HS256", key })), 50027, "invalid_request");
    });
    test("700023: another audience", async () => expectRefusal(await ask(await assertion({ aud: "https://login.example/token" })), 700023, "invalid_client"));
    test("700024: past its time", async () => expectRefusal(await ask(await assertion({ exp: Math.floor(Date.now() / 1000) - 301 })), 700024, "invalid_client"));
    test("700021: another client's name in it", async () => expectRefusal(await ask(await assertion({ iss: "someone", sub: "someone" })), 700021, "invalid_client"));
    test("50048: subject and issuer differ", async () => expectRefusal(await ask(await assertion({ sub: "someone" })), 50048, "invalid_client"));
    test("900144: without its type", async () => {
      const form = { client_id: client().clientId, grant_type: "client_credentials", scope: `${ORDERS}/.default`, client_assertion: await assertion() };
      expectRefusal(await raw.token(form), 900144, "invalid_request");
    });

    test("subject name and issuer: a new certificate of the trusted authority works by x5c; 700030 for another name or authority", async () => {
      const [rootKeys, strangerKeys, leafKeys] = await Promise.all([generateRsaKeys(), generateRsaKeys(), generateRsaKeys()]);
      const root = await selfSigned({ keys: rootKeys, name: "Contoso root", hosts: ["root.contoso.example"] });
      const key = createPrivateKey(await privateKeyPem(leafKeys));
      const signed = async (issuerKeys = rootKeys) => {
        const leaf = await issuedBy({ issuer: root, issuerKeys, keys: leafKeys, name: "daemon.contoso.example" });
        const { x5tS256, x5c } = thumbprints(leaf);
        return assertion({}, { "x5t#S256": x5tS256, x5c: [x5c], key });
      };
      const trust = (subject) => authority.control.patch(`/directory/registrations/${client().clientId}`, { trustedCertificateSubjects: [{ subject, authority: root.toString("pem") }] });
      expectRefusal(await ask(await signed()), 700027, "invalid_client");
      await trust("CN=somebody-else.contoso.example");
      expectRefusal(await ask(await signed()), 700030, "invalid_client");
      await trust("CN=daemon.contoso.example");
      expectRefusal(await ask(await signed(strangerKeys)), 700030, "invalid_client");
      assert.equal((await ask(await signed())).status, 200);
    });
  });

  describe("federated assertions", () => {
    const client = () => authority.app["Daemon with a federated credential"];
    const SUBJECT = "repo:contoso/orders:ref:refs/heads/main";
    const ask = async (workload) => {
      const { token } = await authority.control.post("/workload/token", { subject: SUBJECT, ...workload });
      return present(token);
    };
    const present = (client_assertion) =>
      raw.token({ client_id: client().clientId, grant_type: "client_credentials", scope: `${ORDERS}/.default`, client_assertion, client_assertion_type: CLIENT_ASSERTION_TYPE });

    test("a token of the trusted issuer", async () => {
      const { status, body } = await ask({});
      assert.equal(status, 200, body.error_description);
      assert.equal((await verify(body.access_token)).claims.azpacr, "2");
    });
    test("700213: another subject; the case counts", async () => expectRefusal(await ask({ subject: SUBJECT.toUpperCase() }), 700213, "invalid_client"));
    test("700212: another audience", async () => expectRefusal(await ask({ audience: "api://other" }), 700212, "invalid_client"));
    test("700024: past its time", async () => expectRefusal(await ask({ lifetime: -400 }), 700024, "invalid_client"));
    test("700211: another issuer", async () => {
      const { privateKey } = await generateRsaKeys();
      const stranger = await new SignJWT({ iss: "https://stranger.example", sub: SUBJECT, aud: "api://AzureADTokenExchange" }).setProtectedHeader({ alg: "RS256" }).setExpirationTime("5m").sign(privateKey);
      expectRefusal(await present(stranger), 700211, "invalid_client");
    });
    test("50027: the issuer's name over a stranger's signature", async () => {
      const { privateKey } = await generateRsaKeys();
      const forged = await new SignJWT({ iss: `${authority.control.origin}/workload`, sub: SUBJECT, aud: "api://AzureADTokenExchange" }).setProtectedHeader({ alg: "RS256", kid: "workload" }).setExpirationTime("5m").sign(privateKey);
      expectRefusal(await present(forged), 50027, "invalid_request");
    });
  });
});
