import { say } from "../../gmp/command/console.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import { printResult } from "./json.ts";
import { connectWithLink, notPaired } from "./link.ts";
import { JSON_OUTPUT } from "./options.ts";

/** `gpmd device remove`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  const [device] = invocation.operands as [string];
  await using gpmd = await connectWithLink(settings);
  await gpmd.removeDevice(device).catch((error) => notPaired(error, device));
  if (invocation.has(JSON_OUTPUT)) printResult({ device, removed: true });
  else say(`${device} is not paired with this device any more.`);
  return 0;
}
