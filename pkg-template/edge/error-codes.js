// Written by `cargo xtask build` from the table in src/core/error.rs, in the order of the numbers.

export const SERVICE_CODES = [
  "credential_invalid",
  "credential_failed",
  "tenant_required",
  "client_refused",
  "client_unauthorized",
  "assertion_unsuitable",
  "assertion_refused",
  "consent_required",
  "session_unknown",
  "sign_in_timed_out",
  "redirect_unavailable",
  "browser_unavailable",
  "device_code_expired",
  "sign_in_declined",
  "cache_unavailable",
  "cache_foreign",
  "target_refused",
];
