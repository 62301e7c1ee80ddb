import { parseModuleName } from "../../gmp/names.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import type { Invocation } from "./command.ts";
import { connect } from "./connect.ts";
import { print, printJson } from "./console.ts";

/** `gpmd wasm remove`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  const { module, version } = parseModuleName(invocation.operands[0]!);
  await using gpmd = await connect(settings);
  const removed = await gpmd.remove(module, version);
  if (invocation.has("json")) printJson(removed);
  else for (const one of removed) print(`Removed ${one.name}@${one.version}`);
  return 0;
}
