/** The command `gpmd` as a user runs it from a checkout: a process with the permissions of `deno task gpmd`. */
import { assertEquals, assertMatch } from "@std/assert";
import { DENO_VARIABLES } from "../../gmp/device/deno_process.ts";
import { configFlags } from "../../gmp/device/process_entry.ts";
import { SETTING_VARIABLES } from "../../gmp/device/settings.ts";
import { entryOf } from "./entries.ts";

/** What a command did. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const ENTRY = entryOf("gpmd");

/** The arguments of `deno` that run the command. */
export const GPMD: readonly string[] = [
  "run",
  "--quiet",
  "--no-prompt",
  ...configFlags(ENTRY),
  "--allow-net=127.0.0.1",
  "--allow-read",
  `--allow-env=${[...SETTING_VARIABLES, ...DENO_VARIABLES].join(",")}`,
  "--allow-run=deno",
  ENTRY,
];

/** Runs `gpmd` with `args` to its end; `env` is added to the environment, as `TestDaemon.env`. */
export async function gpmd(env: Readonly<Record<string, string>>, ...args: string[]): Promise<Outcome> {
  const { code, stdout, stderr } = await new Deno.Command("deno", { args: [...GPMD, ...args], env }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** As {@linkcode gpmd}, with `input` on its standard input. */
export async function gpmdWith(
  input: string,
  env: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<Outcome> {
  const command = new Deno.Command("deno", {
    args: [...GPMD, ...args],
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  const child = command.spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** An outcome with an error: exit code 1, and one line on standard error that starts with `code`. */
export function assertError({ code, stdout, stderr }: Outcome, expected: string): void {
  assertEquals([code, stdout], [1, ""], stderr);
  assertMatch(stderr, new RegExp(`^${expected}: [^\\n]+\\n$`));
}
