/** The program that every page of the matrix runs: it signs in, calls its APIs, and says in the title how that went. */

/** @param {string} entry what it imports of the package @returns {string} both JavaScript and TypeScript */
export function program(entry, { authority, clientId, scope, user, apis }) {
  return `
import { createClient } from "${entry}";

export async function start() {
  try {
    const client = await createClient(${JSON.stringify({ authority, clientId, scope })});
    await client.handleRedirect();
    if (client.account === null) await client.signIn({ loginHint: ${JSON.stringify(user)} });
    const responses = [];
    for (const api of ${JSON.stringify(apis)}) {
      const response = await client.fetch(api);
      responses.push(\`\${response.status} \${await response.text()}\`);
    }
    document.title = \`called \${JSON.stringify(responses)}\`;
  } catch (error) {
    document.title = \`failed \${String(error)}\`;
  }
}
`;
}

/** A module that runs it at once. */
export const starter = 'import { start } from "./program.js";\n\nstart();\n';

/** A document with this script. */
export const html = (script) => `<!doctype html>\n<html lang="en"><head><title>loading</title></head><body>${script}</body></html>\n`;
