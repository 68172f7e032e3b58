// Requirements as the core takes them: lists where one value is enough, and the values of claims by their types.

import { asText, invalid, plain } from "./plain.js";

const LISTS = ["audience", "scope", "anyScope", "roles", "allRoles", "clients", "groups", "wids", "acrs"];

/** A requirement as it is now: what its author does with the object afterwards changes nothing. */
export function requirementOf(given) {
  if (given === undefined) return undefined;
  const members = inLists(plain(given, "requirement"));
  return { members, text: asText(members) };
}

/** Refuses what is no requirement before the first token comes, as far as that needs no core. */
export function checkRequirement(given) {
  if (given === undefined) return;
  const { members } = requirementOf(given);
  const { user, app, ...every } = members;
  for (const permissions of [every, ...[user, app].filter((kind) => kind !== undefined)]) {
    for (const [name, values] of Object.entries(permissions)) {
      if (name === "audience" || (!LISTS.includes(name) && name !== "claims")) throw invalid(name, "is not part of a requirement");
      if (!Array.isArray(values) || values.length === 0) throw invalid(name, "must not be empty; leave it out to require none");
      if (name !== "claims" && !values.every(isGiven)) throw invalid(name, "must be a string or a list of strings, none of them empty");
    }
  }
}

const isGiven = (value) => typeof value === "string" && value.trim() !== "";

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
      if (!Array.isArray(values) || (typeof one === "number" && !Number.isFinite(one))) throw invalid("claims", "must have strings, numbers, booleans or lists of them as values");
      values.push(one);
    }
    return byType;
  });
}
