/** The API's answer: its verdict in large, its words below. */

const place = document.getElementById("answer");

/** @param {Response} response */
export async function showAnswer(response, milliseconds) {
  const { status, headers } = response;
  const text = await response.text();
  const challenge = headers.get("www-authenticate");
  const words = [challenge && `WWW-Authenticate: ${challenge}`, pretty(text)].filter(Boolean).join("\n\n");

  const verdict = document.createElement("p");
  verdict.className = `verdict ${response.ok ? "passed" : "refused"}`;
  verdict.dataset.status = status;
  const [large, small] = ["strong", "span"].map((tag) => document.createElement(tag));
  large.textContent = response.ok ? "Pass" : "Halt";
  small.textContent = `${status}, after ${Math.round(milliseconds)} ms`;
  verdict.append(large, small);

  const body = document.createElement("pre");
  body.textContent = words;
  place.replaceChildren(verdict, ...(words ? [body] : []));
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
