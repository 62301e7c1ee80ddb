// @ts-types="./mod.d.ts"
export { isAbsolute } from "deno-std/path/is_absolute.js";
