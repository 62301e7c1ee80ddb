import type { Settings } from "../../gmp/device/settings.ts";
import type { Invocation } from "./command.ts";
import { connect } from "./connect.ts";
import { complain, printJson, printTable } from "./console.ts";

/** `gpmd nodes`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  await using gpmd = await connect(settings);
  const nodes = await gpmd.nodes();
  if (invocation.has("json")) {
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
