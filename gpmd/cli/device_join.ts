import { say } from "../../gmp/command/console.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import type { Settings } from "../../gmp/device/settings.ts";
import { isLinkPort } from "../link/link_settings.ts";
import { connect } from "./connect.ts";
import { ensureLink } from "./link.ts";
import { readCode } from "./read_code.ts";
import { DEVICE_AS, DEVICE_NAME, GRANT } from "./options.ts";

/** `gpmd device join`. */
export async function run(invocation: Invocation, settings: Settings): Promise<number> {
  await using gpmd = await connect(settings, { reads: true });
  const code = await readCode(invocation.operands[0]);
  await ensureLink(gpmd, settings, invocation, portsOf(code));
  const given = invocation.all(GRANT);
  const { name, grants } = await gpmd.join(code, {
    name: invocation.get(DEVICE_NAME),
    as: invocation.get(DEVICE_AS),
    grants: given.length === 0 ? undefined : given,
  });
  say(`Paired with ${name}.`);
  say(`${name} may do here: ${grants.length === 0 ? "nothing" : grants.join(", ")}`);
  return 0;
}

/** The ports on which the device that has made `code` is reached; the link itself says what is wrong with a code. */
function portsOf(code: string): number[] {
  const [, addresses] = /^\s*ghost1-[0-9a-z]+-[0-9a-z]+@([0-9.:,]{1,400})\s*$/i.exec(code) ?? [];
  const ports = (addresses ?? "").split(",").map((address) => Number(address.split(":")[1]));
  return [...new Set(ports.filter((port) => port > 0 && isLinkPort(port)))];
}
