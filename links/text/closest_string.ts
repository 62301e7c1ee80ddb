// @ts-types="./mod.d.ts"
export { closestString } from "deno-std/text/closest_string.js";
