/** The page at `popupRedirectUri`. */
import { handleCallback } from "countersign/callback";

handleCallback();
