/**
 * Hands the provider's response to the page that called `signInPopup`, and closes the window. Call it in the page at the client's
 * `popupRedirectUri`, which is on the origin of the page that signs in. It loads no WebAssembly.
 *
 * ```ts
 * await handleCallback();
 * ```
 *
 * A page with nothing in its body is given a sentence if no page waits for the response, or if the browser does not let the window
 * close itself. A page that has something is left as it is:
 *
 * ```ts
 * if (!(await handleCallback())) location.replace("/");
 * ```
 *
 * @param url Default: the page's URL
 * @returns whether a page has waited for this response, and has it now
 */
export function handleCallback(url?: string | URL): Promise<boolean>;
