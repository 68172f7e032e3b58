export { DirectoryError } from "./directory/read.js";
export { startAuthority } from "./start.js";
