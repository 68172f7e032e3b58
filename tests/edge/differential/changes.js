/**
 * What can be different about a token. A change that jose lets pass and Countersign refuses names the rule that decides, and the codes
 * with which it refuses. All others must make no difference between the two.
 *
 * A change works on a draft: `header` and `claims` are objects, `headerText` and `claimsText` what is signed in their place. Functions
 * in `beforeSigning` change the two encoded parts that are signed, those in `afterSigning` all three.
 */

const set = (target, name, values) => (draft, random) => (draft[target][name] = random.of(values));
const without = (target, name) => (draft) => delete draft[target][name];
const json = JSON.stringify;

/** Puts a member before the others of the text; `replaced` is left out. */
const member = (target, text, replaced) => (draft) => {
  const { [replaced]: _, ...others } = draft[target];
  draft[`${target}Text`] = json(others).replace("{", `{${text},`);
};

const changed = (parts, at, change) => parts.map((part, place) => (place === at ? change(part) : part));

/** What stands in a part in place of some letter. */
const spoiled = (part, random) => {
  const place = random.below(part.length + 1);
  return part.slice(0, place) + random.of(["=", " ", "\n", "+", "/", "%", "\0", "é"]) + part.slice(place + random.below(2));
};

/** The last letter with another of the bits that do not count. */
const aliased = (part) => {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const unused = { 2: 16, 3: 4 }[part.length % 4];
  if (unused === undefined) return part;
  const last = letters.indexOf(part.at(-1));
  return part.slice(0, -1) + letters[last - (last % unused) + ((last + 1) % unused)];
};

const ENCODING = { rule: "RFC 7515 2 and RFC 4648 3.5: base64url without padding, line breaks and unused bits", codes: ["token_encoding_invalid", "token_malformed"] };
const DUPLICATE = { rule: "RFC 7515 4 and RFC 7519 4: a member stands once", codes: ["token_member_duplicate"] };
const TYPE = { rule: "RFC 8725 3.11: another type of JWT is told by its typ", codes: ["not_an_access_token"] };
const CLAIMS = { rule: "RFC 8725 3.12: ID tokens, logout tokens and proofs are told by their claims", codes: ["not_an_access_token"] };
const EXPIRY = { rule: "RFC 9068 2.2: an access token has an end", codes: ["token_claim_invalid"] };
const HEADER = { rule: "RFC 7515 4.1.4 and 4.1.9: kid and typ are strings", codes: ["token_json_invalid"] };
const CRITICAL = { rule: "RFC 7515 4.1.11: an extension that is not supported makes a critical header invalid", codes: ["critical_header_unknown"] };
const AUDIENCE = { rule: "RFC 7519 4.1.3: the audiences are strings", codes: ["token_claim_invalid"] };
const NUMBER = { rule: "RFC 7519 2: a NumericDate is a number that there is", codes: ["token_claim_invalid"] };
const SCOPE = { rule: "RFC 8693 4.2 and RFC 7643 4.1.2: scopes and roles are strings", codes: ["token_claim_invalid"] };
const SUBJECT = { rule: "RFC 7519 4.1.2 and RFC 8693 4.3: subject and client are strings", codes: ["token_claim_invalid"] };
const LIMIT = { rule: "RFC 8259 9: a reader may limit the size of what it reads", codes: ["token_members_exceeded", "token_too_large"] };
const MARK = { rule: "RFC 8259 8.1: a text has no byte order mark", codes: ["token_json_invalid"] };
const SURROGATE = { rule: "RFC 8259 8.2: half a surrogate pair is no character", codes: ["token_json_invalid", "token_claim_invalid"] };

export const CHANGES = [
  // The header.
  { change: set("header", "alg", ["none", "None", "HS256", "RS512", "ES384", "es256", "", null, 1, ["ES256"], "PS256", "RS256", "ES256", "EdDSA"]) },
  { change: without("header", "alg") },
  { change: set("header", "kid", ["rsa", "ec", "okp", "enc", "invented", ""]) },
  { change: without("header", "kid") },
  { ...HEADER, change: set("header", "kid", [null, 1, ["ec"], {}, true]) },
  { change: set("header", "typ", ["JWT", "jwt", "at+jwt", "application/at+jwt", "AT+JWT"]) },
  { ...TYPE, change: set("header", "typ", ["dpop+jwt", "logout+jwt", "secevent+jwt", "JOSE", "", "text/at+jwt"]) },
  { ...HEADER, change: set("header", "typ", [null, 1, ["JWT"], {}]) },
  { ...CRITICAL, change: set("header", "crit", [["b64"], ["exp"], ["x"], [], "b64", [1], null, {}, true]) },
  { ...CRITICAL, change: (draft) => Object.assign(draft.header, { crit: ["b64"], b64: true }) },
  { change: set("header", "b64", [true, false, null]) },
  { change: (draft) => Object.assign(draft.header, { jwk: draft.forged.jwk, jku: "https://evil.example", x5c: ["MIIB"] }) },
  { ...DUPLICATE, change: (draft, random) => member("header", random.of(['"alg":"none"', '"kid":"rsa"', '"x":1,"x":2', '"\\u0061lg":"HS256"']))(draft) },
  { change: (draft, random) => (draft.headerText = random.of(["", "{}", "[]", "null", "1", '"x"', "{", "{'alg':'ES256'}"])) },
  { ...MARK, change: (draft) => (draft.headerText = `\ufeff${json(draft.header)}`) },
  { change: set("header", "extra", [1, null, "x", { nested: [[[]]] }]) },

  // The claims.
  { change: set("claims", "iss", ["https://evil.example", "https://login.example/", "", null, 1, ["https://login.example"]]) },
  { change: without("claims", "iss") },
  { change: set("claims", "aud", ["other", ["other"], [], null, 1, {}, ["https://api.example"], ["other", "https://api.example"]]) },
  { ...AUDIENCE, change: set("claims", "aud", [["https://api.example", 1], [null, "https://api.example"], ["https://api.example", {}]]) },
  { change: without("claims", "aud") },
  { change: (draft, random) => (draft.claims.exp = draft.now + random.of([-3600, -70, -65, -50, 5, 86_400])) },
  { change: set("claims", "exp", ["9999999999", null, [9e9], {}, true, false]) },
  { ...EXPIRY, change: without("claims", "exp") },
  { ...NUMBER, change: member("claims", '"exp":1e400', "exp") },
  { ...NUMBER, change: member("claims", '"iat":1e400', "iat") },
  { ...NUMBER, change: member("claims", '"nbf":-1e400', "nbf") },
  { change: (draft, random) => (draft.claims.nbf = draft.now + random.of([-3600, 5, 50, 65, 70, 3600, 0.5])) },
  { change: set("claims", "nbf", ["0", null, [0], {}, true]) },
  { change: (draft, random) => (draft.claims.iat = draft.now + random.of([-3600, 0.5, 3600])) },
  { change: set("claims", "iat", ["0", null, [0], {}, false]) },
  { ...CLAIMS, change: (draft, random) => (draft.claims[random.of(["nonce", "at_hash", "c_hash", "s_hash", "events", "htm", "htu", "ath"])] = random.of(["x", null, {}, 1])) },
  { change: set("claims", "scope", ["read", "", ["read", "write"], [], null]) },
  { ...SCOPE, change: set("claims", "scope", [1, {}, [1], true]) },
  { change: set("claims", "roles", ["Reader", ["Reader"], [{ value: "Reader" }], [], null]) },
  { ...SCOPE, change: set("claims", "roles", [1, {}, [1], [{ display: "x" }]]) },
  { change: set("claims", "sub", ["alice", "", "service", null]) },
  { ...SUBJECT, change: (draft, random) => Object.assign(draft.claims, { client_id: "page", sub: random.of([1, {}, ["x"], true]) }) },
  { ...SUBJECT, change: set("claims", "client_id", [1, {}, ["x"], false]) },
  { change: set("claims", "tid", ["x", 7, null, {}]) },
  { change: set("claims", "idtyp", ["app", "user", 1, null]) },
  { change: (draft, random) => (draft.claims[random.of(["__proto__x", "constructor", "toString", ""])] = random.of([1, null, "x", [], {}])) },
  { change: set("claims", "text", ["é", "\u{1f511}", "\u2028", "\0", "\"\\/", "x".repeat(3000)]) },
  { change: (draft) => (draft.claimsText = json(draft.claims).replace("{", `{"deep":${"[".repeat(500)}${"]".repeat(500)},`)) },
  { ...DUPLICATE, change: (draft, random) => member("claims", random.of(['"sub":"mallory","sub":"x"', '"x":1,"x":1', '"\\u0078":1,"x":1']))(draft) },
  { ...SURROGATE, change: member("claims", '"text":"\\ud800"', "text") },
  { ...SURROGATE, change: member("claims", '"\\udc00":1') },
  { ...SURROGATE, change: member("claims", '"client_id":"\\ud800x"', "client_id") },
  { ...LIMIT, change: (draft) => Object.assign(draft.claims, Object.fromEntries(Array.from({ length: 520 }, (_, number) => [`m${number}`, 0]))) },
  { ...LIMIT, change: (draft) => (draft.claims.fill = "x".repeat(66_000)), isRare: true },
  { change: (draft, random) => (draft.claimsText = random.of(["", "{}", "[]", "null", "1", "{", '{"a":}', '{"a":1}x', "{'a':1}", "{a:1}"])) },
  { change: (draft) => (draft.claimsText = `${json(draft.claims)}${" ".repeat(3)}\n`) },
  { ...MARK, change: (draft) => (draft.claimsText = `\ufeff${json(draft.claims)}`) },
  { change: (draft) => (draft.claimsBytes = Buffer.concat([Buffer.from('{"x":"'), Buffer.from([0xff, 0xfe]), Buffer.from(`",${json(draft.claims).slice(1)}`)])) },

  // The form, signed over.
  { ...ENCODING, change: (draft, random) => draft.beforeSigning.push((parts) => changed(parts, random.below(2), (part) => spoiled(part, random))) },
  { ...ENCODING, change: (draft) => draft.beforeSigning.push((parts) => parts.map(aliased)) },

  // And not signed over.
  { change: (draft) => (draft.by = draft.forged) },
  { change: (draft, random) => draft.afterSigning.push((parts) => changed(parts, random.below(3), () => random.of(["", "e30", "AAAA", parts[1], parts[0]]))) },
  { change: (draft, random) => draft.afterSigning.push((parts) => parts.slice(0, random.below(3))) },
  { change: (draft) => draft.afterSigning.push((parts) => [...parts, ""]) },
  { ...ENCODING, change: (draft, random) => draft.afterSigning.push((parts) => changed(parts, 2, (part) => spoiled(part, random))) },
  { ...ENCODING, change: (draft) => draft.afterSigning.push((parts) => changed(parts, 2, aliased)) },
];
