/**
 * The packed package as its users meet it: in Vite and Chromium, in Node, in esbuild for Workers, under tsc.
 *
 *     node tests/consumer/run.js [--package DIRECTORY]
 */
import "./metadata.js";
import "./bundles.js";
import "./node.js";
import "./page.js";
import "./types.js";
