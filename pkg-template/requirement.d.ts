/** One or several, but not none: an empty list would require nothing. */
type OneOrMore<T> = T | readonly [T, ...T[]];

/**
 * What a token has to permit. Everything that is given is required.
 *
 * ```ts
 * const permissions: Permissions = { scope: "notes.read notes.write", roles: ["Editor", "Owner"] };
 * ```
 */
export interface Permissions {
  /** All of these scopes; never empty. */
  scope?: OneOrMore<string>;
  /** One of these scopes. */
  anyScope?: OneOrMore<string>;
  /** One of these roles; never empty. */
  roles?: OneOrMore<string>;
  /** All of these roles. */
  allRoles?: OneOrMore<string>;
  /** The token was issued to one of these applications, by their client IDs (`azp`, `appid`, `client_id` or `cid`). */
  clients?: OneOrMore<string>;
  /** The user is in one of these groups (`groups`). If the token leaves them out, the option `resolveGroups` of {@link VerifierOptions} is asked. */
  groups?: OneOrMore<string>;
  /** Entra: one of these directory roles, by the GUIDs of their templates (`wids`). */
  wids?: OneOrMore<string>;
  /**
   * Entra: all of these authentication contexts (`acrs`), as `c1`. A client that declared the capability `cp1` is sent a claims
   * challenge, by which it signs the user in again as the context asks.
   */
  acrs?: OneOrMore<string>;
  /** Each of these claims has this value, or one of these values; of a claim that is a list, one element has. */
  claims?: { readonly [claim: string]: OneOrMore<string | number | boolean> };
}

/**
 * What a request needs: a plain object, whose own rules hold for every token. If `user` or `app` is given, tokens of the
 * other kind are refused unless that is given too, and so are those of unknown kind.
 *
 * ```ts
 * const requirement: Requirement = { user: { scope: "notes.read" }, app: { roles: "Notes.Read.All", clients: ["<client id>"] } };
 * ```
 */
export interface Requirement extends Permissions {
  /** What is required of a user's token. */
  user?: Permissions;
  /** What is required of an application's token. */
  app?: Permissions;
}
