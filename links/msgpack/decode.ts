// @ts-types="./mod.d.ts"
export { decode } from "deno-std/msgpack/decode.js";
