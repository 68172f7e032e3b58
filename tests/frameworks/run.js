/**
 * The examples of protected APIs, over the packed package and with the real frameworks.
 *
 *     node tests/frameworks/run.js [--package DIRECTORY]
 */
import "./apis.js";
import "./mcp.js";
