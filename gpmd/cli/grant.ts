import type { Invocation } from "../../gmp/command/program.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import { note } from "../../gmp/command/console.ts";
import { deviceOf } from "../../gmp/grants/subject.ts";
import type { GpmdClient } from "../client/client.ts";
import { connect } from "./connect.ts";
import { printChange } from "./grant_table.ts";
import { GRANT_MEMORY, GRANT_TIME } from "./options.ts";

/** `gpmd grant`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  const [subject = "", ...what] = invocation.operands;
  const time = invocation.get(GRANT_TIME);
  const memory = invocation.get(GRANT_MEMORY);
  await using gpmd = await connect(settings);
  const limits = { ...time === undefined ? {} : { time }, ...memory === undefined ? {} : { memory } };
  const changed = await gpmd.grant(subject, what, limits);
  const hint = await hintOn(gpmd, subject);
  if (hint !== undefined) note(hint);
  return printChange(invocation, subject, changed);
}

/** What somebody may not have meant who granted something to `subject`: a device that is not paired. */
async function hintOn(gpmd: GpmdClient, subject: string): Promise<string | undefined> {
  const device = deviceOf(subject);
  if (device === undefined) return undefined;
  // Without a link there are no devices, or none can be reached.
  const devices = await gpmd.devices().catch(() => []);
  if (devices.some(({ name }) => name === device)) return undefined;
  const isNode = device === subject && (await gpmd.nodes()).some(({ name }) => name === subject);
  return isNode
    ? `This is granted to a device called ${subject}; the node of this device is ${subject}@local`
    : `GPMD knows no device called ${device} now; when one is paired under that name, its grants begin anew`;
}
