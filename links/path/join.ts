// @ts-types="./mod.d.ts"
export { join } from "deno-std/path/join.js";
