// @ts-types="./mod.d.ts"
export { equals } from "deno-std/semver/equals.js";
