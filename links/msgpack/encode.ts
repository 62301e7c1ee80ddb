// @ts-types="./mod.d.ts"
export { encode, type ValueMap, type ValueType } from "deno-std/msgpack/encode.js";
