import type { Invocation } from "../../gmp/command/program.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import { note } from "../../gmp/command/console.ts";
import { connect } from "./connect.ts";
import { printChange } from "./grant_table.ts";

/** `gpmd revoke`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  const [subject = "", ...what] = invocation.operands;
  await using gpmd = await connect(settings);
  const changed = await gpmd.revoke(subject, what);
  if (subject === "local" && what.includes("*")) {
    note(
      "From now on the nodes of this device may do on each other only what they are granted by name; " +
        "to undo this: gpmd grant local '*'",
    );
  }
  return printChange(invocation, subject, changed);
}
