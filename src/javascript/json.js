// JSON by the platform's own parser, flattened: WebAssembly that asked the parser's objects for each
// member would cost a page a kilobyte.

/**
 * The members of a JSON object as a form, each value after a mark of its type: `"` a string, `#` a number in thousandths,
 * `&` an array of strings, as a form of its own; what else there is stands as JSON.
 *
 * @returns {string | undefined} nothing if the text is not JSON
 */
export function members(text) {
  try {
    return form(Object.entries(JSON.parse(text)).map(([name, value]) => [name, marked(value)]));
  } catch {
    return undefined;
  }
}

function marked(value) {
  if (typeof value === "string") return `"${value}`;
  if (typeof value === "number") return `#${Math.round(value * 1000)}`;
  if (Array.isArray(value) && value.every((element) => typeof element === "string")) return `&${form(value.map((text) => ["", text]))}`;
  return JSON.stringify(value);
}

const form = (pairs) => new URLSearchParams(pairs).toString();
