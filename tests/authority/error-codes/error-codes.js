import applications from "./applications.js";
import b2c from "./b2c.js";
import clientAuthentication from "./client-authentication.js";
import conditionalAccess from "./conditional-access.js";
import consent from "./consent.js";
import grants from "./grants.js";
import requests from "./requests.js";
import signIn from "./sign-in.js";

/**
 * Every error of the authority, by its AADSTS code: the OAuth error that it travels under, the HTTP
 * status, the sentence, and what to do about it, which the page behind `error_uri` shows. Codes and
 * their meaning: Microsoft Entra "Authentication and authorization error codes". `error` and
 * `suberror` follow recorded responses of the service.
 */
export const ERROR_CODES = { ...signIn, ...conditionalAccess, ...consent, ...applications, ...requests, ...clientAuthentication, ...grants, ...b2c };
