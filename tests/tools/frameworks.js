/** The rows of the matrix that are frameworks: Angular, and Next with its pages, its routes and its middleware. */
import { program } from "./program.js";

const ANGULAR = {
  "angular.json": JSON.stringify({
    version: 1,
    projects: {
      page: {
        projectType: "application",
        root: "",
        sourceRoot: "src",
        architect: {
          build: {
            builder: "@angular/build:application",
            options: { browser: "src/main.ts", tsConfig: "tsconfig.json", index: "src/index.html", outputPath: "dist" },
          },
        },
      },
    },
    cli: { analytics: false, cache: { enabled: false } },
  }),
  "tsconfig.json": JSON.stringify({
    compilerOptions: { strict: true, target: "ES2022", module: "preserve", experimentalDecorators: true, importHelpers: false, skipLibCheck: false, types: [] },
    files: ["src/main.ts"],
  }),
  "src/index.html": '<!doctype html>\n<html lang="en"><head><title>loading</title><base href="/"></head><body><app-root></app-root></body></html>\n',
  "src/main.ts": `import { Component } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";

import { start } from "./program";

@Component({ selector: "app-root", template: "" })
class App {
  constructor() {
    start();
  }
}

bootstrapApplication(App);
`,
};

/** What guards a route; `NextResponse.next()` lets a request pass. */
const guard = (options, pass) => `
const verifier = createVerifier(${JSON.stringify(options)});

async function guarded(request, next) {
  try {
    const { claims } = await verifier.authenticate(request);
    return next(claims);
  } catch (error) {
    if (!isAuthError(error)) throw error;
    return error.toResponse();
  }
}
${pass}
`;
const VERIFIER = 'import { createVerifier, isAuthError } from "countersign/edge";\n';
const pagesRoute = (options) =>
  `${VERIFIER}\nexport const config = { runtime: "edge" };\n${guard(
    options,
    "const route = (request) => guarded(request, (claims) => Response.json({ user: claims.preferred_username }));\n\nexport default route;",
  )}`;
const route = (runtime, options) =>
  `${VERIFIER}\nexport const runtime = "${runtime}";\nexport const dynamic = "force-dynamic";\n${guard(
    options,
    "export const GET = (request) => guarded(request, (claims) => Response.json({ user: claims.preferred_username }));",
  )}`;

const next = (bundler) => ({
  tool: `Next, ${bundler}`,
  packages: "next",
  version: "next",
  use: "page, edge and Node routes, middleware",
  isSlow: true,
  apis: ["/api/edge", "/api/node", "/guarded"],
  files: (settings, verifier) => ({
    "app/layout.jsx": 'export default function Layout({ children }) {\n  return <html lang="en"><body>{children}</body></html>;\n}\n',
    "app/page.jsx": `"use client";
import { useEffect } from "react";

import { start } from "./program.js";

export default function Page() {
  useEffect(() => {
    start();
  }, []);
  return <p>page</p>;
}
`,
    "app/program.js": program("countersign", settings),
    // Next 16 with webpack builds no edge route below app/: it misses a manifest that it did not write.
    ...(bundler === "webpack" ? { "pages/api/edge.js": pagesRoute(verifier) } : { "app/api/edge/route.js": route("edge", verifier) }),
    "app/api/node/route.js": route("nodejs", verifier),
    // The middleware alone decides here.
    "app/guarded/route.js": `export const dynamic = "force-dynamic";\nexport const GET = () => Response.json({ user: ${JSON.stringify(settings.user)} });\n`,
    "middleware.js": `${VERIFIER}import { NextResponse } from "next/server";\n\nexport const config = { matcher: "/guarded" };\n${guard(
      verifier,
      "export const middleware = (request) => guarded(request, () => NextResponse.next());",
    )}`,
  }),
  build: [["next", "build", `--${bundler}`]],
  serve: (port) => ["next", "start", "--hostname", "localhost", "--port", port],
});

export const FRAMEWORKS = [
  {
    tool: "Angular CLI",
    packages: "angular",
    version: "@angular/cli",
    use: "ng build",
    isSlow: true,
    files: (settings) => ({ ...ANGULAR, "src/program.ts": program("countersign", settings) }),
    build: [["ng", "build"]],
    output: "dist/browser",
  },
  next("webpack"),
  next("turbopack"),
];
