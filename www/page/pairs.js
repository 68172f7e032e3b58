/** Fills a `<dl>` with names and values. */
export function showPairs(list, pairs) {
  list.replaceChildren(
    ...Object.entries(pairs).flatMap(([name, value]) => {
      const [term, description] = ["dt", "dd"].map((tag) => document.createElement(tag));
      term.textContent = name;
      description.textContent = typeof value === "string" ? value : JSON.stringify(value);
      return [term, description];
    }),
  );
}
