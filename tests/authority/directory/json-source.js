/** A JSON text that says where in it a value or a mistake is, which `JSON.parse` does not. */
export class JsonSource {
  #text;
  #at = 0;
  #offsets = new Map();

  /** @throws {JsonError} */
  constructor(text) {
    this.#text = text.replace(/^\uFEFF/, " ");
    this.value = this.#read("");
    this.#space();
    if (this.#at < this.#text.length) this.#fail("something follows the end of the JSON value");
  }

  /** The line of the value at a path such as `registrations[2].clientId`, or of the nearest value around it. */
  lineOf(path) {
    let known = path;
    while (known && !this.#offsets.has(known)) known = known.replace(/(\.[^.[\]]+|\[[^\]]*\]|^[^.[\]]+)$/, "");
    return this.#line(this.#offsets.get(known) ?? 0);
  }

  #line(offset) {
    return this.#text.slice(0, offset).split("\n").length;
  }

  #space() {
    while (" \t\r\n".includes(this.#text[this.#at] ?? "x")) this.#at += 1;
  }

  #read(path) {
    this.#space();
    this.#offsets.set(path, this.#at);
    switch (this.#text[this.#at]) {
      case "{":
        return this.#object(path);
      case "[":
        return this.#array(path);
      default:
        return this.#scalar();
    }
  }

  #object(path) {
    const object = {};
    this.#list("}", () => {
      this.#space();
      if (this.#text[this.#at] !== '"') this.#fail("a member name in double quotes was expected");
      const name = this.#scalar();
      if (Object.hasOwn(object, name)) this.#fail(`the member "${name}" is there twice`);
      this.#expect(":");
      object[name] = this.#read(memberPath(path, name));
    });
    return object;
  }

  #array(path) {
    const array = [];
    this.#list("]", () => array.push(this.#read(`${path}[${array.length}]`)));
    return array;
  }

  #list(end, readItem) {
    this.#at += 1;
    this.#space();
    if (this.#text[this.#at] === end) {
      this.#at += 1;
      return;
    }
    for (;;) {
      readItem();
      this.#space();
      const next = this.#text[this.#at];
      if (next !== "," && next !== end) this.#fail(`"," or "${end}" was expected`);
      this.#at += 1;
      if (next === end) return;
    }
  }

  #expect(character) {
    this.#space();
    if (this.#text[this.#at] !== character) this.#fail(`"${character}" was expected`);
    this.#at += 1;
  }

  #scalar() {
    const pattern = /"(?:[^"\\\n]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
    pattern.lastIndex = this.#at;
    const [token] = pattern.exec(this.#text) ?? this.#fail("a value was expected: an object, an array, a string, a number, true, false or null");
    try {
      const value = JSON.parse(token);
      this.#at += token.length;
      return value;
    } catch {
      return this.#fail("this is not a valid string");
    }
  }

  #fail(problem) {
    const found = this.#text[this.#at];
    throw new JsonError(this.#line(this.#at), `${problem}, ${found === undefined ? "but the file ends here" : `not ${JSON.stringify(found)}`}`);
  }
}

export class JsonError extends Error {
  constructor(line, problem) {
    super(problem);
    this.line = line;
  }
}

/** `path.name`, or `path["a name"]` for a name that is not an identifier. */
export function memberPath(path, name) {
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path ? `${path}.${name}` : name;
}
