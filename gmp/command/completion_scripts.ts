import { COMPLETE_SUBCOMMAND } from "./program.ts";

/** The shells that have a script. */
export type CompletedShell = "bash" | "zsh" | "fish";

/** What the scripts know about a command; for the rest they ask it. */
interface CompletedCommand {
  /** Its name. */
  readonly name: string;
  /** The last words of the subcommands that take files. */
  readonly filesAfter: readonly string[];
  /** Options whose value is a file. */
  readonly fileOptions: readonly string[];
}

/** The scripts that complete `command`, by shell: they pass the line's words to {@linkcode COMPLETE_SUBCOMMAND}. */
export function completionScripts(command: CompletedCommand): ReadonlyMap<string, string> {
  const { name, filesAfter, fileOptions } = command;
  const scripts: Record<CompletedShell, string> = {
    // The bash of macOS has no compopt, and completes files wherever there is nothing else.
    bash: `_${name}() {
  local IFS=$'\\n' word="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=($(${name} ${COMPLETE_SUBCOMMAND} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)) &&
    compopt +o default 2>/dev/null
  if [[ "\${COMPREPLY[0]:-}" == *[=\\(] ]]; then compopt -o nospace 2>/dev/null; fi
  # A line with a parenthesis is in quotes.
  if [[ "\${COMPREPLY[0]:-}" == *\\(* ]]; then
    local quote="'"
    if [[ "$word" != [\\'\\"]* && "\${COMP_WORDS[COMP_CWORD-1]}" != @ ]]; then
      COMPREPLY=("\${COMPREPLY[@]/#/$quote}")
    fi
  fi
  # A line in quotes goes on, after a module's name with a dot: of two completions none is the last word.
  if [[ "$word" == [\\'\\"]* || "\${COMPREPLY[0]:-}" == *\\(* ]]; then
    if (( \${#COMPREPLY[@]} == 1 )); then COMPREPLY+=("\${COMPREPLY[0]} "); fi
  fi
}
complete -o default -F _${name} ${name}`,

    // It is sourced, or is the file _NAME in a directory of fpath, which first runs as a call of its function.
    zsh: `#compdef ${name}
_${name}() {
  local out
  out=$(${name} ${COMPLETE_SUBCOMMAND} "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( $? )); then
    compset -P '*='
    _files
    return
  fi
  local -a found=("\${(@f)out}")
  # A line in quotes goes on, after a module's name with a dot.
  if [[ "$words[CURRENT]" == [\\'\\"]* ]]; then
    compadd -S '' -- $found
    return
  fi
  compadd -S '' -- \${(M)found:#*[=\\(]}
  compadd -- \${found:#*[=\\(]}
}
if [[ "\${funcstack[1]}" == _${name} ]]; then
  _${name} "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
  compdef _${name} ${name}
fi`,

    fish: `function __${name}_complete
  set -l words (commandline -opc) (commandline -ct)
  ${name} ${COMPLETE_SUBCOMMAND} $words[2..-1] 2>/dev/null
end
function __${name}_files
  __fish_seen_subcommand_from ${filesAfter.join(" ")}
  or string match -qr -- '^--(${fileOptions.join("|")})(=|$)' (commandline -ct) (commandline -opc)[-1]
end
complete -c ${name} -f -a '(__${name}_complete)'
complete -c ${name} -n __${name}_files -F`,
  };
  return new Map(Object.entries(scripts));
}
