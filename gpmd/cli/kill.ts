import type { Settings } from "../../gmp/device/settings.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import { connect } from "./connect.ts";
import { print } from "../../gmp/command/console.ts";

/** `gpmd kill`. */
export async function run(_: Invocation, settings: Settings): Promise<number> {
  await using gpmd = await connect(settings);
  await gpmd.kill();
  print("GPMD has been stopped.");
  return 0;
}
