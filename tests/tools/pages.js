/** The rows of the matrix that are pages: how each tool is set up, and how it builds. */
import { html, program, starter } from "./program.js";

const MODULE = html('<script type="module" src="./main.js"></script>');
const vite = (packages, { config } = {}) => ({
  tool: `Vite ${packages.at(-1)}`,
  packages,
  files: (settings) => ({
    "index.html": MODULE,
    "main.js": starter,
    "program.js": program("countersign", settings),
    ...(config && { "vite.config.js": `export default { ${config} };\n` }),
  }),
});
const built = (row) => ({ ...row, version: "vite", use: "build", build: [["vite", "build"]], output: "dist" });
const developed = (row) => ({ ...row, version: "vite", use: "dev server", serve: (port) => ["vite", "--host", "localhost", "--port", port, "--strictPort"] });

/** What Rollup and esbuild build: a script beside a document. */
const bundle = (entry, script) => (settings) => ({
  "src/main.js": starter,
  "src/program.js": program(entry, settings),
  "dist/index.html": html(script),
});
const INLINED = 'import from `"countersign/inlined"`';

/**
 * `needs` is what a user has to write beyond the import of `countersign`; a row without it needs nothing. `isSlow` rows
 * run in a long run only.
 */
export const PAGES = [
  built(vite("vite-5")),
  developed(vite("vite-5")),
  { ...built(vite("vite-6")), isSlow: true },
  { ...developed(vite("vite-6")), isSlow: true },
  { ...built(vite("vite-7")), isSlow: true },
  { ...developed(vite("vite-7")), isSlow: true },
  built(vite("vite-8")),
  developed(vite("vite-8")),
  {
    tool: "webpack",
    packages: "webpack",
    version: "webpack",
    use: "build",
    files: (settings) => ({
      "src/index.js": starter,
      "src/program.js": program("countersign", settings),
      "dist/index.html": html('<script src="./main.js"></script>'),
    }),
    build: [["webpack", "--mode=production"]],
    output: "dist",
  },
  {
    tool: "Rollup",
    packages: "rollup",
    version: "rollup",
    use: "build",
    needs: INLINED,
    files: bundle("countersign/inlined", '<script type="module" src="./main.js"></script>'),
    build: [["rollup", "src/main.js", "--plugin=node-resolve", "--dir=dist"]],
    output: "dist",
  },
  ...["esm", "iife"].map((format) => ({
    tool: "esbuild",
    packages: "esbuild",
    version: "esbuild",
    use: `build, ${format}`,
    needs: INLINED,
    files: bundle("countersign/inlined", `<script ${format === "esm" ? 'type="module" ' : ""}src="./main.js"></script>`),
    build: [["esbuild", "src/main.js", "--bundle", "--minify", `--format=${format}`, "--outdir=dist"]],
    output: "dist",
  })),
  {
    tool: "Parcel",
    packages: "parcel",
    version: "parcel",
    use: "build",
    files: (settings) => ({ "src/index.html": MODULE, "src/main.js": starter, "src/program.js": program("countersign", settings) }),
    build: [["parcel", "build", "src/index.html", "--no-cache", "--cache-dir=.parcel-cache", "--dist-dir=dist"]],
    output: "dist",
  },
];
