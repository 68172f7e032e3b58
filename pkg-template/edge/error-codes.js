// Written by `cargo xtask build` from the table in src/core/error.rs, in the order of the numbers.

export const EDGE_CODES = [
  ["algorithm_not_allowed", "The token's algorithm is not allowed."],
  ["algorithm_unsupported", "The chosen crypto backend cannot verify this algorithm."],
  ["signature_invalid", "The token's signature is wrong."],
  ["token_member_duplicate", "A part of the token has a member twice."],
  ["tenant_refused", "The token's tenant is not allowed."],
  ["token_typ_refused", "The token's typ is not the required one."],
  ["insufficient_scope", "The token lacks a required scope."],
  ["insufficient_role", "The token lacks a required role."],
  ["app_token_refused", "The token belongs to an application without a role here."],
  ["jwks_invalid", "The JWK Set is not a JSON object with an array of keys, or is too large."],
  ["key_unknown", "The issuer publishes no key for this token."],
  ["key_ambiguous", "More than one key fits this token."],
  ["key_type_mismatch", "The key does not have the type, curve or use that the token's algorithm needs."],
  ["key_type_unsupported", "The token's key has a type that is not supported."],
  ["key_invalid", "The token's key is malformed or too short."],
  ["key_issuer_mismatch", "The token's key belongs to another issuer."],
  ["keys_unavailable", "The issuer's keys could not be fetched; the code in brackets says why."],
  ["credentials_missing", "The request carries no bearer token."],
  ["credentials_malformed", "The request's Authorization header is malformed."],
];
