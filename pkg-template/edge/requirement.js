// Requirements as the core takes them: lists where one value is enough, and the values of claims by their types.

import { asText, invalid, plain } from "./plain.js";

const LISTS = ["audience", "scope", "anyScope", "roles", "allRoles", "clients", "groups", "wids", "acrs"];

/** A requirement as it is now: what its author does with the object afterwards changes nothing. */
export function requirementOf(given) {
  if (given === undefined) return undefined;
  const members = inLists(plain(given, "requirement"));
  return { members, text: asText(members) };
}

/** @param members of a requirement, or of options that have one */
export function inLists(members) {
  const lists = Object.assign(Object.create(null), members);
  for (const name of LISTS) {
    if (typeof lists[name] === "string") lists[name] = [lists[name]];
  }
  if (lists.claims !== undefined) lists.claims = claimsOf(lists.claims);
  for (const kind of ["user", "app"]) {
    if (Array.isArray(lists[kind])) throw invalid(kind, "must be an object");
    if (typeof lists[kind] === "object" && lists[kind] !== null) lists[kind] = inLists(lists[kind]);
  }
  return lists;
}

function claimsOf(claims) {
  const isObject = typeof claims === "object" && claims !== null && !Array.isArray(claims);
  if (!isObject || Object.keys(claims).length === 0) throw invalid("claims", "must be an object with a claim at least");
  return Object.entries(claims).map(([name, value]) => {
    const byType = { name, strings: [], numbers: [], booleans: [] };
    for (const one of Array.isArray(value) ? value : [value]) {
      const values = byType[`${typeof one}s`];
      if (!Array.isArray(values)) throw invalid("claims", "must have strings, numbers, booleans or lists of them as values");
      values.push(one);
    }
    return byType;
  });
}
