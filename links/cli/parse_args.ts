// @ts-types="./mod.d.ts"
export { type Args, parseArgs, type ParseOptions } from "deno-std/cli/parse_args.js";
