import { fromFileUrl } from "@std/path";
import config from "../deno.json" with { type: "json" };

/** Where commands run. */
export const ROOT: string = fromFileUrl(new URL("..", import.meta.url));

/** A program that does nothing, or with an argument nothing until its standard input ends. */
export const EMPTY: string = fromFileUrl(new URL("agents/empty.ts", import.meta.url));

/** Puts the commands in place as `deno task install` does, a file for each process. */
export async function bundleCommands(): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "bundle"],
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`deno task bundle failed: ${new TextDecoder().decode(stderr)}`);
}

/** The arguments with which Deno is one of the commands as `deno task install` installs it, once it is bundled. */
export function commandArgs(name: "gpmd" | "gvm", args: readonly string[] = []): string[] {
  const permissions = Object.entries(config.permissions[name]).map(([permission, value]) =>
    value === true ? `--allow-${permission}` : `--allow-${permission}=${value}`
  );
  return ["run", "--quiet", "--no-config", "--no-prompt", ...permissions, `dist/${name}.js`, ...args];
}
