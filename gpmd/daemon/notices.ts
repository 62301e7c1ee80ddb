import { Timer } from "../../gmp/async/timer.ts";
import type { Channel } from "../../gmp/channel/channel.ts";
import { notify } from "../../gmp/channel/messages.ts";
import { GhostError } from "../../gmp/errors.ts";
import type { Notice, NoticeName } from "../../gmp/messages/messages.ts";

/** Bytes that may wait for a node that does not read: a thousand notices take far fewer. */
const BACKLOG = 1 << 20;
/** Milliseconds that a node has to accept a notice that somebody waits for. */
const TELL_TIME = 1000;

/** Sends a NOTICE. A side that has stopped reading them loses its connection, so that it does not fill the memory. */
export function announce<Name extends NoticeName>(channel: Channel, name: Name, fields: Notice<Name>): void {
  notify(channel, name, fields);
  if (channel.outbox.size <= BACKLOG) return;
  channel.abort(new GhostError("CONNECTION_LOST", "Cannot go on: the other side does not read its notices"));
}

/**
 * Sends a NOTICE and returns when the system has taken it, so that anything sent elsewhere afterwards comes after it.
 *
 * @throws {GhostError} `CONNECTION_LOST` when the other side has gone or does not read.
 */
export async function tell<Name extends NoticeName>(
  channel: Channel,
  name: Name,
  fields: Notice<Name>,
): Promise<void> {
  announce(channel, name, fields);
  const late = Promise.withResolvers<"late">();
  const timer = new Timer(TELL_TIME, () => late.resolve("late"));
  const outcome = await Promise.race([channel.outbox.taken(), late.promise]);
  timer.cancel();
  if (channel.open && outcome !== "late") return;
  throw new GhostError("CONNECTION_LOST", "Cannot reach the node: it does not read what GPMD tells it");
}
