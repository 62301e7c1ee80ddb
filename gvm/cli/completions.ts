import { Channel } from "../../gmp/channel/channel.ts";
import { request } from "../../gmp/channel/messages.ts";
import { completionScripts, FILES } from "../../gmp/command/completion_scripts.ts";
import { reachGpmd } from "../../gmp/ports/reach_gpmd.ts";
import { readSecret } from "../../gmp/device/secret.ts";
import { DEFAULT_COMMAND_PORT, readSettings } from "../../gmp/device/settings.ts";
import { print } from "./console.ts";
import { UsageError } from "./failure.ts";
import { COMPLETE_SUBCOMMAND, OPTION_NAMES, SUBCOMMANDS } from "./options.ts";

/** Options whose value is a file or a directory. */
const FILE_OPTIONS = ["dir", "home"];

const SCRIPTS: ReadonlyMap<string, string> = completionScripts({
  name: "gvm",
  complete: COMPLETE_SUBCOMMAND,
  filesAfter: "exec",
  fileOptions: FILE_OPTIONS,
});

/** `gvm completions SHELL`: prints the script. @throws {UsageError} for a shell that there is none for. */
export function printCompletions(shell: string): number {
  const script = SCRIPTS.get(shell);
  if (script === undefined) throw new UsageError("there are completions for bash, zsh and fish only");
  print(script);
  return 0;
}

/** What names there are to complete. */
export interface Names {
  /** The registered nodes. */
  readonly nodes: readonly string[];
  /** The modules. */
  readonly modules: readonly string[];
}

/** Prints what the last of `words`, those after `gvm`, may become; returns `FILES` where a shell should complete files. */
export async function printCandidates(words: readonly string[]): Promise<number> {
  const found = await candidates(words, askNames);
  if (found === "files") return FILES;
  for (const word of found) print(word);
  return 0;
}

/** What the last of `words` may become; `names` is asked where names fit. */
export async function candidates(
  words: readonly string[],
  names: () => Promise<Names>,
): Promise<string[] | "files"> {
  const { option, typed, prefix } = valueOf(words);
  const fitting = (known: readonly string[]) =>
    known.filter((name) => name.startsWith(typed)).map((name) => prefix + name);
  if (option === "--accept") return fitting(["all", "ask", "none", ...(await names()).nodes]);
  if (option !== undefined) return FILE_OPTIONS.some((name) => option === `--${name}`) ? "files" : [];
  if (typed.startsWith("-")) return fitting(OPTION_NAMES);
  const command = words.slice(0, -1).find((word) => !word.startsWith("-"));
  switch (command) {
    case undefined:
      return fitting(SUBCOMMANDS);
    case "completions":
      return fitting([...SCRIPTS.keys()]);
    case "run":
      return fitting((await names()).modules);
    default:
      return "files";
  }
}

/** The word being typed: of the value of an option, what is typed of it. Of `--accept=node` bash makes three words. */
function valueOf(words: readonly string[]): { option: string | undefined; typed: string; prefix: string } {
  const [first = "", second = "", typed = ""] = ["", "", ...words].slice(-3);
  if (second === "=") return { option: first, typed, prefix: "" };
  if (typed === "=") return { option: second, typed: "", prefix: "" };
  const [whole, option, value] = /^(--[^=]+)=(.*)$/.exec(typed) ?? [];
  if (whole === undefined) return { option: undefined, typed, prefix: "" };
  return { option, typed: value!, prefix: `${option}=` };
}

/** The names that GPMD knows, none without it: completing is no place for errors. */
async function askNames(): Promise<Names> {
  try {
    const settings = readSettings({ commandPort: DEFAULT_COMMAND_PORT }, (name) => Deno.env.get(name));
    const secret = await readSecret(settings.home, Deno);
    const gpmd = new Channel(await reachGpmd({ audience: "gpmd/nodes", port: settings.gmpPort }, secret));
    try {
      const [{ names: nodes }, { modules }] = await Promise.all([
        request(gpmd, "node.discover", {}),
        request(gpmd, "module.list", {}),
      ]);
      return { nodes, modules: modules.map(({ name }) => name) };
    } finally {
      await gpmd.close();
    }
  } catch {
    return { nodes: [], modules: [] };
  }
}
