// Makes the codes of the edge known, with what they mean.

import { knowTexts } from "../auth-error.js";
import { CODES } from "../error-codes.js";
import { TEXTS } from "../error-texts.js";
import { EDGE_CODES } from "./error-codes.js";
import { EDGE_TEXTS } from "./error-texts.js";

export function knowCodes() {
  // The core numbers the edge's codes after the page's.
  if (!CODES.includes(EDGE_CODES[0])) CODES.push(...EDGE_CODES);
  knowTexts([...TEXTS, ...EDGE_TEXTS]);
}
