import { say } from "../../gmp/command/console.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import { UsageError } from "../../gmp/command/usage_error.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import { connectWithLink } from "./link.ts";
import { printResult } from "./json.ts";
import { JSON_OUTPUT } from "./options.ts";

const ASKED = "gpmd device relay";

/** `gpmd device relay`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  const wanted = stateOf(invocation.operands);
  await using gpmd = await connectWithLink(settings);
  const { relay } = await gpmd.linkSettings(wanted === undefined ? {} : { relay: wanted });
  if (invocation.has(JSON_OUTPUT)) printResult({ relay });
  else say(`This device carries ${relay ? "" : "no "}connections of others.`);
  return 0;
}

/** @throws {UsageError} for anything but `on`, `off` or nothing. */
function stateOf([state]: readonly string[]): boolean | undefined {
  if (state === undefined) return undefined;
  if (state === "on" || state === "off") return state === "on";
  throw new UsageError(`${ASKED} takes on or off`, ASKED);
}
