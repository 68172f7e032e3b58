// Written by `cargo xtask build` from the table in src/core/error.rs, in the order of the numbers.

export const EDGE_TEXTS = [
  "The token's algorithm is not allowed.",
  "The chosen crypto backend cannot verify this algorithm.",
  "The token's signature is wrong.",
  "A part of the token has a member twice.",
  "The token's tenant is not allowed.",
  "The token's typ is not the required one.",
  "The token lacks a required scope.",
  "The token lacks a required role.",
  "The token belongs to an application without a role here.",
  "The JWK Set is not a JSON object with an array of keys, or is too large.",
  "The issuer publishes no key for this token.",
  "More than one key fits this token.",
  "The key does not have the type, curve or use that the token's algorithm needs.",
  "The token's key has a type that is not supported.",
  "The token's key is malformed or too short.",
  "The token's key belongs to another issuer.",
  "The issuer's keys could not be fetched; the code in brackets says why.",
  "The request carries no bearer token.",
  "The request's Authorization header is malformed.",
];
