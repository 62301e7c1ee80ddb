// @ts-types="./mod.d.ts"
export * from "deno-std/msgpack/mod.js";
