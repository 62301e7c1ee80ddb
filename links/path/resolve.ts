// @ts-types="./mod.d.ts"
export { resolve } from "deno-std/path/resolve.js";
