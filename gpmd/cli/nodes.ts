import type { Settings } from "../../gmp/device/settings.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import { connect } from "./connect.ts";
import { complain } from "../../gmp/command/console.ts";
import { printJson, printTable } from "../../gmp/command/table.ts";
import { JSON_OUTPUT } from "./options.ts";

/** `gpmd nodes`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  await using gpmd = await connect(settings);
  const nodes = await gpmd.nodes();
  if (invocation.has(JSON_OUTPUT)) {
    printJson(nodes);
  } else if (nodes.length === 0) {
    complain("No node is registered.");
  } else {
    printTable(
      ["NAME", "ID", "PORT", "SINCE", "CONNECTIONS"],
      nodes.map(({ name, id, port, since, connections }) => [name, id, `${port}`, since, `${connections}`]),
    );
  }
  return 0;
}
