// @ts-types="./mod.d.ts"
export { common } from "deno-std/path/common.js";
