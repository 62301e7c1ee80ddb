// @ts-types="./mod.d.ts"
export { greaterThan } from "deno-std/semver/greater_than.js";
