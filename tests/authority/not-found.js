/** Nothing is at this URL. */
export class NotFound extends Error {}
