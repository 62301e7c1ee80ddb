import { say } from "../../gmp/command/console.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import { printResult } from "./json.ts";
import { connectWithLink, notPaired } from "./link.ts";
import { JSON_OUTPUT } from "./options.ts";

/** `gpmd device rename`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  const [device, name] = invocation.operands as [string, string];
  await using gpmd = await connectWithLink(settings);
  await gpmd.renameDevice(device, name).catch((error) => notPaired(error, device));
  if (invocation.has(JSON_OUTPUT)) printResult({ device, name });
  else say(`${device} is called ${name} from now on.`);
  return 0;
}
