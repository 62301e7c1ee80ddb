import { say } from "../../gmp/command/console.ts";
import type { Invocation } from "../../gmp/command/program.ts";
import { parseDeviceAddress } from "../../gmp/device/device_address.ts";
import { parseInvitationCode } from "../../gmp/device/invitation_code.ts";
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
  // Before anything is started, or fetched, for it.
  const { addresses } = parseInvitationCode(code);
  const ports = addresses.map((address) => parseDeviceAddress(address)!.port);
  await ensureLink(gpmd, settings, invocation, [...new Set(ports.filter(isLinkPort))]);
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
