// @ts-types="./mod.d.ts"
export { relative } from "deno-std/path/relative.js";
