// @ts-types="./mod.d.ts"
export { fromFileUrl } from "deno-std/path/from_file_url.js";
