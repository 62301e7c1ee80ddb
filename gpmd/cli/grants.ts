import type { Invocation } from "../../gmp/command/program.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import { note } from "../../gmp/command/console.ts";
import { connect } from "./connect.ts";
import { printGrants } from "./grant_table.ts";
import { printResult } from "./json.ts";
import { JSON_OUTPUT } from "./options.ts";

/** `gpmd grants`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  const { operands } = invocation;
  await using gpmd = await connect(settings);
  const asked = operands.length === 0 ? [undefined] : [...new Set(operands)];
  const grants = (await Promise.all(asked.map((subject) => gpmd.grants(subject)))).flat();
  if (invocation.has(JSON_OUTPUT)) printResult(grants);
  else if (grants.length > 0) printGrants(grants);
  else note(`Nothing is granted to ${operands.length === 0 ? "anybody" : operands.join(" or ")}.`);
  return 0;
}
