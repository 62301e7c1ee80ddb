// @ts-types="./mod.d.ts"
export { extname } from "deno-std/path/extname.js";
