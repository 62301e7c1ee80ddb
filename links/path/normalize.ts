// @ts-types="./mod.d.ts"
export { normalize } from "deno-std/path/normalize.js";
