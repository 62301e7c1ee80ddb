// @ts-types="./mod.d.ts"
export { toFileUrl } from "deno-std/path/to_file_url.js";
