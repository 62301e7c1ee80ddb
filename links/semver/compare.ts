// @ts-types="./mod.d.ts"
export { compare } from "deno-std/semver/compare.js";
