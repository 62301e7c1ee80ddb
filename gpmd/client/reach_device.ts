import type { Channel } from "../../gmp/channel/channel.ts";
import { request } from "../../gmp/channel/messages.ts";
import { GhostError } from "../../gmp/errors.ts";
import { LARGE_REPLY_CAPS } from "../../gmp/frames/frame.ts";
import type { Authenticated } from "../../gmp/handshake/handshake.ts";
import { ticketName } from "../../gmp/handshake/keys.ts";
import { dial } from "../../gmp/ports/tcp.ts";

/**
 * Connects to the GPMD of the paired device `device`, through that of this one, to which `channel` leads.
 *
 * @throws {GhostError} `LINK_NOT_RUNNING`, `DEVICE_NOT_FOUND`, `DEVICE_UNREACHABLE`, `TOO_MANY_CONNECTIONS`, `CANCELLED`.
 */
export async function reachDevice(
  channel: Channel,
  device: string,
  signal: AbortSignal | undefined,
): Promise<Authenticated> {
  const cancel = signal === undefined ? {} : { signal };
  const { port, ticket } = await request(channel, "device.command", { device }, cancel);
  try {
    return await dial({
      hostname: "127.0.0.1",
      port,
      isPiped: true,
      keyName: await ticketName(ticket),
      key: ticket,
      audience: "gpmd/commands",
      caps: LARGE_REPLY_CAPS,
      ...cancel,
    });
  } catch (error) {
    if (signal?.aborted) throw new GhostError("CANCELLED", undefined, { cause: error });
    throw GhostError.from(error, "CONNECTION_LOST");
  }
}
