import { GhostError } from "../../gmp/errors.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import { connect } from "./connect.ts";
import { NamedModule } from "./named_module.ts";
import { say } from "../../gmp/command/console.ts";
import { printResult } from "./json.ts";
import { DEVICE, JSON_OUTPUT } from "./options.ts";

/** `gpmd wasm remove`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  const named = new NamedModule(invocation.operands[0]!);
  await using gpmd = await connect(settings, { device: invocation.get(DEVICE) });
  const { module, versions: [version, ...others] } = await named.versions(gpmd);
  if (others.length > 0) {
    const all = [version, ...others].join(", ");
    throw new GhostError(
      "BAD_ARGUMENTS",
      `Cannot remove ${named.text}: ${all} have that hash; name one of them by its version`,
    );
  }
  const removed = await gpmd.remove(module, version);
  if (invocation.has(JSON_OUTPUT)) printResult(removed);
  else for (const one of removed) say(`Removed ${one.name}@${one.version}`);
  return 0;
}
