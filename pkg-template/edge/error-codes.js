// Written by `cargo xtask build` from the table in src/core/error.rs, in the order of the numbers.

export const EDGE_CODES = [
  "algorithm_not_allowed",
  "algorithm_unsupported",
  "signature_invalid",
  "token_member_duplicate",
  "tenant_refused",
  "token_typ_refused",
  "insufficient_scope",
  "insufficient_role",
  "app_token_refused",
  "jwks_invalid",
  "key_unknown",
  "key_ambiguous",
  "key_type_mismatch",
  "key_type_unsupported",
  "key_invalid",
  "key_issuer_mismatch",
  "keys_unavailable",
  "credentials_missing",
  "credentials_malformed",
];
