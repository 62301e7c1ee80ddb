import type { Settings } from "../../gmp/device/settings.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import { connect } from "./connect.ts";
import { DEVICE } from "./options.ts";
import { say } from "../../gmp/command/console.ts";

/** `gpmd kill`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  await using gpmd = await connect(settings, { device: invocation.get(DEVICE) });
  await gpmd.kill();
  const device = invocation.get(DEVICE);
  say(device === undefined ? "GPMD has been stopped." : `GPMD of ${device} has been stopped.`);
  return 0;
}
