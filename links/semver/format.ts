// @ts-types="./mod.d.ts"
export { format } from "deno-std/semver/format.js";
