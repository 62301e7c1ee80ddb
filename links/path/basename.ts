// @ts-types="./mod.d.ts"
export { basename } from "deno-std/path/basename.js";
