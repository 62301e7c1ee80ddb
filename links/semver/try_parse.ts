// @ts-types="./mod.d.ts"
export { tryParse } from "deno-std/semver/try_parse.js";
