import { parseModuleName } from "../../gmp/names.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import { connect } from "./connect.ts";
import { say } from "../../gmp/command/console.ts";
import { printResult } from "./json.ts";
import { DEVICE, JSON_OUTPUT } from "./options.ts";

/** `gpmd wasm remove`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  const { module, version } = parseModuleName(invocation.operands[0]!);
  await using gpmd = await connect(settings, { device: invocation.get(DEVICE) });
  const removed = await gpmd.remove(module, version);
  if (invocation.has(JSON_OUTPUT)) printResult(removed);
  else for (const one of removed) say(`Removed ${one.name}@${one.version}`);
  return 0;
}
