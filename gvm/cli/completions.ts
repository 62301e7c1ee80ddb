import { isMap, isString, listIn } from "../../gmp/body.ts";
import { Channel } from "../../gmp/channel.ts";
import { LARGE_REPLY_CAPS } from "../../gmp/frame.ts";
import { SECRET_KEY_NAME } from "../../gmp/handshake.ts";
import { readSecret } from "../../gmp/secret.ts";
import { DEFAULT_COMMAND_PORT, readSettings } from "../../gmp/settings.ts";
import { dial } from "../../gmp/tcp.ts";
import { print } from "./console.ts";
import { COMPLETE_SUBCOMMAND, OPTION_NAMES, SUBCOMMANDS, UsageError } from "./options.ts";

/** Scripts that hand the words of the line to `gvm` itself, which knows its options and asks GPMD for names. */
const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `_gvm() {
  local IFS=$'\\n'
  COMPREPLY=($(gvm ${COMPLETE_SUBCOMMAND} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  if [[ "\${COMPREPLY[0]:-}" == *= ]]; then compopt -o nospace; fi
}
complete -o default -F _gvm gvm`,

  zsh: `#compdef gvm
_gvm() {
  local -a found=("\${(@f)$(gvm ${COMPLETE_SUBCOMMAND} "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -z "\${found[1]}" ]]; then _files
  elif [[ "\${found[1]}" == *= ]]; then compadd -S '' -- $found
  else compadd -- $found
  fi
}
compdef _gvm gvm`,

  fish: `function __gvm_complete
  set -l words (commandline -opc) (commandline -ct)
  gvm ${COMPLETE_SUBCOMMAND} $words[2..-1] 2>/dev/null
end
complete -c gvm -a '(__gvm_complete)'`,
};

/** `gvm completions SHELL`: prints the script. @throws {UsageError} for a shell that there is none for. */
export function printCompletions(shell: string): number {
  const script = SCRIPTS[shell];
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

/** Prints what the last of `words`, those after `gvm`, may become; nothing where a shell should complete files. */
export async function printCandidates(words: readonly string[]): Promise<number> {
  for (const word of await candidates(words, askNames)) print(word);
  return 0;
}

/** What the last of `words` may become; `names` is asked where names fit. */
export async function candidates(words: readonly string[], names: () => Promise<Names>): Promise<string[]> {
  const current = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  // bash makes three words of --accept=node
  const assigned = before.at(-1) === "=" ? before.at(-2) : current === "=" ? before.at(-1) : undefined;
  const accept = /^--accept=(.*)$/.exec(current)?.[1];
  if (assigned === "--accept" || accept !== undefined) {
    const typed = accept ?? (current === "=" ? "" : current);
    const prefix = accept === undefined ? "" : "--accept=";
    const { nodes } = await names();
    return ["all", "ask", "none", ...nodes].filter((name) => name.startsWith(typed)).map((name) =>
      prefix + name
    );
  }
  if (current.startsWith("-")) return OPTION_NAMES.filter((name) => name.startsWith(current));
  const command = before.find((word) => !word.startsWith("-"));
  if (command === undefined) return SUBCOMMANDS.filter((name) => name.startsWith(current));
  if (command === "completions") return Object.keys(SCRIPTS).filter((name) => name.startsWith(current));
  return command === "run" ? (await names()).modules.filter((name) => name.startsWith(current)) : [];
}

/** The names that GPMD knows, none without it: completing is no place for errors. */
async function askNames(): Promise<Names> {
  try {
    const settings = readSettings({ commandPort: DEFAULT_COMMAND_PORT }, (name) => Deno.env.get(name));
    const gpmd = new Channel(
      await dial({
        hostname: "127.0.0.1",
        port: settings.gmpPort,
        keyName: SECRET_KEY_NAME,
        key: await readSecret(settings.home, Deno),
        role: "gpmd",
        caps: LARGE_REPLY_CAPS,
      }),
    );
    try {
      const [nodes, modules] = await Promise.all([
        gpmd.request("node.discover"),
        gpmd.request("module.list"),
      ]);
      return {
        nodes: listIn(nodes, "names", "strings", isString),
        modules: listIn(modules, "modules", "maps", isMap).map(({ name }) => String(name)),
      };
    } finally {
      await gpmd.close();
    }
  } catch {
    return { nodes: [], modules: [] };
  }
}
