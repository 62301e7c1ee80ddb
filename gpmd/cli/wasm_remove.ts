import { parseModuleName } from "../../gmp/names.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import { connect } from "./connect.ts";
import { print } from "../../gmp/command/console.ts";
import { printJson } from "../../gmp/command/table.ts";
import { JSON_OUTPUT } from "./options.ts";

/** `gpmd wasm remove`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  const { module, version } = parseModuleName(invocation.operands[0]!);
  await using gpmd = await connect(settings);
  const removed = await gpmd.remove(module, version);
  if (invocation.has(JSON_OUTPUT)) printJson(removed);
  else for (const one of removed) print(`Removed ${one.name}@${one.version}`);
  return 0;
}
