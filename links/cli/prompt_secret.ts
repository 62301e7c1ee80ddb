// @ts-types="./mod.d.ts"
export { promptSecret, type PromptSecretOptions } from "deno-std/cli/prompt_secret.js";
