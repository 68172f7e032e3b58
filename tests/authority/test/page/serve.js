import { build } from "esbuild";
import { once } from "node:events";
import https from "node:https";
import { fileURLToPath } from "node:url";
import { generateRsaKeys, privateKeyPem, selfSigned } from "../../certificates.js";

/**
 * Serves the msal-browser page from a free port, at each path with its own configuration. It is https, so that the page and the authority
 * are one site: Chromium keeps the authority's cookies from frames of another.
 */
export async function servePage(configurations) {
  const folder = fileURLToPath(new URL(".", import.meta.url));
  const { outputFiles } = await build({
    entryPoints: { app: `${folder}app.js`, redirect: `${folder}redirect.js` },
    bundle: true, format: "esm", write: false, outdir: "out", logLevel: "error",
  });
  const scripts = Object.fromEntries(outputFiles.map((file) => [`/${file.path.split("/").at(-1)}`, file.text]));
  const keys = await generateRsaKeys();
  const certificate = await selfSigned({ keys, name: "localhost", hosts: ["localhost"] });
  const server = https.createServer({ key: await privateKeyPem(keys), cert: certificate.toString("pem") }, (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    if (scripts[pathname]) return response.writeHead(200, { "content-type": "text/javascript" }).end(scripts[pathname]);
    if (!configurations[pathname]) return html(response, '<script type="module" src="/redirect.js"></script>');
    const configuration = JSON.stringify({ configuration: configurations[pathname] }).replaceAll("<", "\\u003c");
    return html(response, `<p id="status">starting</p><script type="application/json" id="configuration">${configuration}</script><script type="module" src="/app.js"></script>`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `https://localhost:${server.address().port}`,
    close: () => (server.closeAllConnections(), new Promise((closed) => server.close(closed))),
  };
}

function html(response, body) {
  response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(`<!doctype html><meta charset="utf-8"><title>Orders</title>${body}`);
}
