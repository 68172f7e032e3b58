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
            configurations: { development: { optimization: false, sourceMap: true } },
          },
          serve: { builder: "@angular/build:dev-server", options: { buildTarget: "page:build:development" } },
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

const VERIFIER = 'import { createVerifier, guard } from "countersign/edge";\n';
const guarded = (options, handler) => `guard(createVerifier(${JSON.stringify(options)}), ${handler})`;
const RESPONSE = "(_, { claims }) => Response.json({ user: claims.preferred_username })";
const pagesRoute = (options) => `${VERIFIER}\nexport const config = { runtime: "edge" };\n\nexport default ${guarded(options, RESPONSE)};\n`;
const route = (runtime, options) =>
  `${VERIFIER}\nexport const runtime = "${runtime}";\nexport const dynamic = "force-dynamic";\n\nexport const GET = ${guarded(options, RESPONSE)};\n`;

const next = (bundler, settings) => ({
  tool: `Next, ${bundler}`,
  packages: "next",
  version: "next",
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
    "middleware.js": `${VERIFIER}import { NextResponse } from "next/server";\n\nexport const config = { matcher: "/guarded" };\nexport const middleware = ${guarded(verifier, "() => NextResponse.next()")};\n`,
  }),
  ...settings,
});
const nextBuilt = (bundler) =>
  next(bundler, {
    use: "page, edge and Node routes, middleware",
    build: [["next", "build", `--${bundler}`]],
    serve: (port) => ["next", "start", "--hostname", "localhost", "--port", port],
  });
const nextDeveloped = (bundler) =>
  next(bundler, {
    use: "the same in `next dev`",
    serve: (port) => ["next", "dev", `--${bundler}`, "--hostname", "localhost", "--port", port],
  });
const angular = {
  tool: "Angular CLI",
  packages: "angular",
  version: "@angular/cli",
  isSlow: true,
  files: (settings) => ({ ...ANGULAR, "src/program.ts": program("countersign", settings) }),
};

export const FRAMEWORKS = [
  { ...angular, use: "ng build", build: [["ng", "build"]], output: "dist/browser" },
  { ...angular, use: "ng serve", serve: (port) => ["ng", "serve", "--host", "localhost", "--port", port, "--live-reload", "false"] },
  nextBuilt("webpack"),
  nextDeveloped("webpack"),
  nextBuilt("turbopack"),
  nextDeveloped("turbopack"),
];
