// @ts-types="./mod.d.ts"
export { closestString, type ClosestStringOptions } from "deno-std/text/closest_string.js";
