// Makes the codes of a verifier known too, with what they mean.

import { knowTexts } from "../auth-error.js";
import { CODES } from "../error-codes.js";
import { TEXTS } from "../error-texts.js";
import { SERVICE_TEXTS } from "./error-texts.js";
import { knowCodes } from "./know-codes.js";
import { VERIFIER_CODES } from "./verifier-error-codes.js";
import { VERIFIER_TEXTS } from "./verifier-error-texts.js";

export function knowVerifierCodes() {
  knowCodes();
  // The core numbers them last.
  if (!CODES.includes(VERIFIER_CODES[0])) CODES.push(...VERIFIER_CODES);
  knowTexts([...TEXTS, ...SERVICE_TEXTS, ...VERIFIER_TEXTS]);
}
