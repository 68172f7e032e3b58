// Makes the codes of services and native apps known, with what they mean.

import { knowTexts } from "../auth-error.js";
import { CODES } from "../error-codes.js";
import { TEXTS } from "../error-texts.js";
import { SERVICE_CODES } from "./error-codes.js";
import { SERVICE_TEXTS } from "./error-texts.js";

export function knowCodes() {
  // The core numbers them after the page's.
  if (!CODES.includes(SERVICE_CODES[0])) CODES.push(...SERVICE_CODES);
  knowTexts([...TEXTS, ...SERVICE_TEXTS]);
}
