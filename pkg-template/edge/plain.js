// Options and requirements as plain data. They are read once, in one place: otherwise a member that is inherited, computed or in a
// Map would be overlooked, and every token meets a requirement that is overlooked.

import { AuthError } from "../auth-error.js";

/** A list of values of a claim, in the requirement of users, in the options. */
const MAX_DEPTH = 3;
/** What has a text of its own in JSON, or gets one. */
const DATA = ["undefined", "boolean", "number", "string", "object"];

/**
 * A copy of an object that has only members of its own.
 *
 * @param {string} name what the object is called in an error
 * @param {(name: string) => boolean} [isOpaque] whether the member of this name is taken as it is
 */
export function plain(object, name, isOpaque = () => false) {
  try {
    return copy(object, name, isOpaque, MAX_DEPTH);
  } catch (thrown) {
    // A proxy may do whatever it likes.
    throw thrown instanceof AuthError ? thrown : invalid(name, "cannot be read");
  }
}

/** What stands for `undefined`: nested deeper than data may be, so that no data has the same text. */
const UNDEFINED = [[[[[]]]]];

/** What plain data is, as text: the same for equal data only. JSON leaves out what is `undefined`, and would ask less. */
export function asText(members) {
  return JSON.stringify(members, (_, value) => (value === undefined ? UNDEFINED : value));
}

function copy(object, name, isOpaque, depth) {
  if (!isPlainObject(object)) throw invalid(name, "must be a plain object");
  // Without a prototype: what somebody put into that of all objects is nobody's option.
  const members = Object.create(null);
  for (const key of Reflect.ownKeys(object)) {
    const value = ownValue(object, key);
    members[key] = isOpaque(key) ? value : plainValue(value, key, depth);
  }
  return members;
}

function plainValue(value, name, depth) {
  if (!DATA.includes(typeof value)) throw invalid(name, "must be plain data");
  if (typeof value !== "object" || value === null) return value;
  if (depth === 0) throw invalid(name, "is nested too deep");
  if (Array.isArray(value)) return Array.from({ length: value.length }, (_, place) => plainValue(ownValue(value, place), name, depth - 1));
  return copy(value, name, () => false, depth - 1);
}

function ownValue(object, key) {
  const descriptor = Object.getOwnPropertyDescriptor(object, key);
  const isPlain = descriptor !== undefined && Object.hasOwn(descriptor, "value") && descriptor.enumerable && typeof key !== "symbol";
  if (!isPlain) throw invalid(String(key), "must be a plain member");
  return descriptor.value;
}

// Of any realm: in Next's edge runtime the page's objects are not of the package's.
function isPlainObject(object) {
  if (typeof object !== "object" || object === null) return false;
  const prototype = Object.getPrototypeOf(object);
  return prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "isPrototypeOf"));
}

export const invalid = (name, rule) => new AuthError("invalid_option", { detail: `${name} ${rule}` });
