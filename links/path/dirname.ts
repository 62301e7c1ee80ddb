// @ts-types="./mod.d.ts"
export { dirname } from "deno-std/path/dirname.js";
