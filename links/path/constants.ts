// @ts-types="./mod.d.ts"
export { DELIMITER, SEPARATOR, SEPARATOR_PATTERN } from "deno-std/path/constants.js";
