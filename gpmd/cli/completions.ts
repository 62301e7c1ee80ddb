import { completionScripts } from "../../gmp/command/completion_scripts.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import { COMPLETE_SUBCOMMAND, FILE_OPTIONS, type Invocation } from "./command.ts";
import { print } from "./console.ts";
import { UsageError } from "./usage_error.ts";

const SCRIPTS: ReadonlyMap<string, string> = completionScripts({
  name: "gpmd",
  complete: COMPLETE_SUBCOMMAND,
  filesAfter: "upload",
  fileOptions: FILE_OPTIONS,
});

/** `gpmd completions`. */
export async function run({ operands: [shell] }: Invocation, _: Settings): Promise<number> {
  const script = SCRIPTS.get(shell!);
  if (script !== undefined) {
    print(script);
    return 0;
  }
  const { nearest } = await import("../../gmp/nearest.ts");
  const found = nearest(shell!, [...SCRIPTS.keys()]);
  const hint = found === undefined ? "" : `; did you mean "${found}"?`;
  throw new UsageError(`there are completions for bash, zsh and fish only${hint}`, "gpmd completions");
}
