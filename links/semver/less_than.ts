// @ts-types="./mod.d.ts"
export { lessThan } from "deno-std/semver/less_than.js";
