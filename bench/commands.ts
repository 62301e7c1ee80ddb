import { fromFileUrl } from "@std/path";

/** Where commands run. */
export const ROOT: string = fromFileUrl(new URL("..", import.meta.url));

/** A program that does nothing, or with an argument nothing until its standard input ends. */
export const EMPTY: string = fromFileUrl(new URL("agents/empty.ts", import.meta.url));

/** The arguments with which Deno is one of the commands, with the permissions that it has when installed. */
export function commandArgs(name: "gpmd" | "gvm", args: readonly string[] = []): string[] {
  return ["run", "--quiet", "--no-prompt", `-P=${name}`, `${name}/main.ts`, ...args];
}
