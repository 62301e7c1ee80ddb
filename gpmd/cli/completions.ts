import type { Settings } from "../../gmp/settings.ts";
import { COMPLETE_SUBCOMMAND, type Invocation } from "./command.ts";
import { print } from "./console.ts";
import { UsageError } from "./usage_error.ts";

/** Scripts that hand the words of the line to `gpmd` itself, which knows its commands and the modules. */
const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `_gpmd() {
  local IFS=$'\\n'
  COMPREPLY=($(gpmd ${COMPLETE_SUBCOMMAND} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  if [[ "\${COMPREPLY[0]:-}" == *= ]]; then compopt -o nospace; fi
}
complete -o default -F _gpmd gpmd`,

  zsh: `#compdef gpmd
_gpmd() {
  local -a found=("\${(@f)$(gpmd ${COMPLETE_SUBCOMMAND} "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -z "\${found[1]}" ]]; then _files
  elif [[ "\${found[1]}" == *= ]]; then compadd -S '' -- $found
  else compadd -- $found
  fi
}
compdef _gpmd gpmd`,

  fish: `function __gpmd_complete
  set -l words (commandline -opc) (commandline -ct)
  gpmd ${COMPLETE_SUBCOMMAND} $words[2..-1] 2>/dev/null
end
complete -c gpmd -f -a '(__gpmd_complete)'
complete -c gpmd -n '__fish_seen_subcommand_from upload' -F`,
};

/** `gpmd completions`. */
export async function run({ operands: [shell] }: Invocation, _: Settings): Promise<number> {
  const script = SCRIPTS[shell!];
  if (script !== undefined) {
    print(script);
    return 0;
  }
  const { nearest } = await import("../../gmp/nearest.ts");
  const found = nearest(shell!, Object.keys(SCRIPTS));
  const hint = found === undefined ? "" : `; did you mean "${found}"?`;
  throw new UsageError(`there are completions for bash, zsh and fish only${hint}`, "gpmd completions");
}
