/** The API's response: its verdict in large, its text below. */

const place = document.getElementById("response");

/** @param {Response} response @returns its body, parsed */
export async function showResponse(response, milliseconds) {
  const { status, ok, headers } = response;
  const body = parsed(await response.text());
  const challenge = headers.get("www-authenticate");
  const words = [challenge && `WWW-Authenticate: ${challenge}`, pretty(body)].filter(Boolean);
  place.replaceChildren(
    verdict(ok ? "Pass" : "Halt", `${status}, after ${Math.round(milliseconds)} ms`, { ok, status }),
    element("pre", words.join("\n\n")),
  );
  return body;
}

/** No response arrived. */
export function showSilence() {
  place.replaceChildren(verdict("Silence", "The API could not be reached. Check that it runs, and call again.", {}));
}

function verdict(large, small, { ok = false, status = 0 }) {
  const line = element("p", "");
  line.className = `verdict ${ok ? "passed" : "refused"}`;
  line.dataset.status = status;
  line.append(element("strong", large), element("span", small));
  return line;
}

function element(tag, text) {
  const created = document.createElement(tag);
  created.textContent = text;
  return created;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function pretty(body) {
  return typeof body === "string" ? body : JSON.stringify(body, null, 2);
}
