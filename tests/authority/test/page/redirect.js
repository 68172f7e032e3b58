// The page that popups and hidden iframes come back to.
import { broadcastResponseToMainFrame } from "@azure/msal-browser/redirect-bridge";

await broadcastResponseToMainFrame();
