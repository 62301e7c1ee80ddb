import type { Settings } from "../../gmp/device/settings.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import { connect } from "./connect.ts";
import { note } from "../../gmp/command/console.ts";
import { printTable } from "../../gmp/command/table.ts";
import { printResult } from "./json.ts";
import { DEVICE, JSON_OUTPUT } from "./options.ts";

/** `gpmd wasm list`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  await using gpmd = await connect(settings, { device: invocation.get(DEVICE) });
  const modules = await gpmd.list();
  if (invocation.has(JSON_OUTPUT)) {
    printResult(modules);
  } else if (modules.length === 0) {
    note("No modules have been uploaded.");
  } else {
    printTable(
      ["NAME", "LATEST", "VERSIONS"],
      modules.map(({ name, latest, versions }) => [name, latest, versions.join(", ")]),
    );
  }
  return 0;
}
