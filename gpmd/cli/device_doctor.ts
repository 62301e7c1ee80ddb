import { say } from "../../gmp/command/console.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import { readSecret } from "../../gmp/device/secret.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import { GhostError } from "../../gmp/errors.ts";
import { GpmdClient } from "../client/client.ts";
import { type Commands, diagnose } from "./diagnosis.ts";
import { printResult } from "./json.ts";
import { connectWithLink, notPaired } from "./link.ts";
import { JSON_OUTPUT } from "./options.ts";

/** `gpmd device doctor`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  const [device] = invocation.operands as [string];
  await using gpmd = await connectWithLink(settings);
  const examination = await gpmd.examineDevice(device).catch((error) => notPaired(error, device));
  const { reachable } = examination.device;
  const { networks } = await gpmd.linkSettings();
  const facts = {
    ...examination,
    networks,
    grants: (await gpmd.grants(device)).map(({ what }) => what),
    commands: reachable ? await commandsOf(device, settings) : undefined,
  };
  const { found, advice } = diagnose(facts);
  if (invocation.has(JSON_OUTPUT)) printResult({ ...facts, found, advice });
  else for (const line of [...found, ...advice]) say(line);
  return reachable ? 0 : 1;
}

/** Whether that device's GPMD answers commands of this one. */
async function commandsOf(device: string, settings: Settings): Promise<Commands> {
  try {
    const secret = await readSecret(settings.home, Deno);
    await using there = await GpmdClient.connect({ ...settings, secret, device });
    await there.status();
    return "granted";
  } catch (error) {
    const { code, message } = GhostError.from(error);
    return code === "NOT_GRANTED" ? "refused" : { error: message };
  }
}
