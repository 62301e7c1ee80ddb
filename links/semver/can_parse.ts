// @ts-types="./mod.d.ts"
export { canParse } from "deno-std/semver/can_parse.js";
