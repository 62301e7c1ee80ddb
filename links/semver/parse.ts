// @ts-types="./mod.d.ts"
export { parse } from "deno-std/semver/parse.js";
