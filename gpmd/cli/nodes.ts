import type { Settings } from "../../gmp/device/settings.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import { connect } from "./connect.ts";
import { note } from "../../gmp/command/console.ts";
import { printTable } from "../../gmp/command/table.ts";
import { printResult } from "./json.ts";
import { DEVICE, JSON_OUTPUT } from "./options.ts";

/** `gpmd nodes`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  await using gpmd = await connect(settings, { device: invocation.get(DEVICE) });
  const nodes = await gpmd.nodes();
  if (invocation.has(JSON_OUTPUT)) {
    printResult(nodes);
  } else if (nodes.length === 0) {
    note("No node is registered.");
  } else {
    printTable(
      ["NAME", "ID", "PORT", "SINCE", "CONNECTIONS"],
      nodes.map(({ name, id, port, since, connections }) => [name, id, `${port}`, since, `${connections}`]),
    );
  }
  return 0;
}
