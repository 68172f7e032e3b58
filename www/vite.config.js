import { fileURLToPath } from "node:url";

import { defineConfig } from "vite";

export default defineConfig({
  root: fileURLToPath(new URL("page", import.meta.url)),
  build: {
    target: "es2022",
    // A file stays a file: the page's policy allows no data: URLs.
    assetsInlineLimit: 0,
  },
});
