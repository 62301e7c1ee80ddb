import { monotonic, realtime } from "../../host/clock.ts";
import { checkFlags, type Context, type Functions } from "../context.ts";
import type { DescriptorTable, OpenInput } from "../descriptors.ts";
import { ERRNO, fail, Failure } from "../../host/errno.ts";
import { ABSTIME, CLOCK, EVENT_TYPE, HANGUP } from "../flags.ts";
import type { GuestMemory } from "../memory.ts";
import { RIGHTS } from "../rights.ts";
import { MAX_PIECE } from "../../host/streams.ts";
import { sleep } from "../../host/waits.ts";

/** Most subscriptions of one `poll_oneoff`: all descriptors, and some clocks. */
export const MAX_SUBSCRIPTIONS = 2048;

/** Bytes of the structures `subscription` and `event`. */
const SUBSCRIPTION_BYTES = 48;
const EVENT_BYTES = 32;

/** What happened. */
interface Event {
  readonly error: number;
  readonly bytes: number;
  readonly flags: number;
}

/** Something to wait for. */
interface Subscription {
  readonly userdata: bigint;
  readonly type: number;
  /** The event, if it has happened. */
  readonly event: () => Event | undefined;
  /** Nanoseconds until it happens, for a clock. */
  readonly remaining?: () => bigint;
  /** The input to wait for. */
  readonly input?: OpenInput;
}

const HAPPENED: Event = { error: ERRNO.SUCCESS, bytes: 0, flags: 0 };

/** The group `poll_` of `wasi_snapshot_preview1.witx`. */
export function pollFunctions({ memory, descriptors, waits }: Context): Functions {
  return {
    /**
     * `poll_oneoff`: waits until at least one of `count` subscriptions has an event, and writes every event.
     * An error of one subscription is reported in its event.
     */
    poll_oneoff(subscriptions: number, events: number, count: number, result: number): void | Promise<void> {
      if (count === 0 || count > MAX_SUBSCRIPTIONS) fail(ERRNO.INVAL);
      memory.check(events, count * EVENT_BYTES);
      memory.check(result, 4);
      const polled: Subscription[] = [];
      for (let index = 0; index < count; index++) {
        const view = memory.view(subscriptions + index * SUBSCRIPTION_BYTES, SUBSCRIPTION_BYTES);
        polled.push(readSubscription(view, descriptors));
      }
      if (writeEvents(memory, polled, events, result)) {
        const lacksInput = polled.some(({ input, event }) => input !== undefined && event() === undefined);
        return lacksInput
          ? waits.afterTurn(() => void writeEvents(memory, polled, events, result))
          : undefined;
      }
      return waits.run(async (signal) => {
        do await somethingHappens(polled, signal); while (!writeEvents(memory, polled, events, result));
      });
    },
  };
}

function readSubscription(view: DataView, descriptors: DescriptorTable): Subscription {
  const userdata = view.getBigUint64(0, true);
  const type = view.getUint8(8);
  try {
    switch (type) {
      case EVENT_TYPE.CLOCK:
        return { userdata, type, ...timeout(view) };
      case EVENT_TYPE.FD_READ:
        return { userdata, type, ...readability(view.getUint32(16, true), descriptors) };
      case EVENT_TYPE.FD_WRITE:
        descriptors.require(view.getUint32(16, true), RIGHTS.POLL_FD_READWRITE | RIGHTS.FD_WRITE);
        // A full output makes the guest pause while it writes, so there is room now.
        return { userdata, type, event: () => ({ ...HAPPENED, bytes: MAX_PIECE }) };
      default:
        return fail(ERRNO.INVAL);
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { userdata, type, event: () => ({ ...HAPPENED, error: error.errno }) };
  }
}

function timeout(view: DataView): Pick<Subscription, "event" | "remaining"> {
  const clock = view.getUint32(16, true);
  const duration = view.getBigUint64(24, true);
  const flags = view.getUint16(40, true);
  checkFlags(flags, ABSTIME);
  // CPU time does not advance while a guest waits.
  if (clock === CLOCK.PROCESS_CPUTIME || clock === CLOCK.THREAD_CPUTIME) fail(ERRNO.NOTSUP);
  if (clock > CLOCK.THREAD_CPUTIME) fail(ERRNO.INVAL);
  const now = clock === CLOCK.REALTIME && flags === ABSTIME ? realtime : monotonic;
  const deadline = flags === ABSTIME ? duration : now() + duration;
  const remaining = () => deadline - now();
  return { remaining, event: () => remaining() <= 0n ? HAPPENED : undefined };
}

function readability(fd: number, descriptors: DescriptorTable): Pick<Subscription, "event" | "input"> {
  const descriptor = descriptors.require(fd, RIGHTS.POLL_FD_READWRITE | RIGHTS.FD_READ);
  if (descriptor.kind === "input") {
    return {
      input: descriptor,
      event: () => {
        const bytes = descriptor.stream.readable();
        return bytes === undefined ? undefined : { ...HAPPENED, bytes, flags: bytes === 0 ? HANGUP : 0 };
      },
    };
  }
  const { inode, offset } = descriptors.file(fd, 0);
  return { event: () => ({ ...HAPPENED, bytes: Math.max(0, inode.size - offset) }) };
}

/** Waits for the first of the times and inputs; all are checked again afterwards. */
async function somethingHappens(polled: readonly Subscription[], signal: AbortSignal): Promise<void> {
  const happenings = polled.flatMap(({ input }) => input === undefined ? [] : [input.stream.wait(signal)]);
  const times = polled.flatMap(({ remaining }) => remaining === undefined ? [] : [Number(remaining()) / 1e6]);
  if (times.length > 0) {
    happenings.push(sleep(Math.ceil(Math.min(...times)), signal));
  }
  await Promise.race(happenings);
}

/** Writes the events that have happened; returns false if none have. */
function writeEvents(
  memory: GuestMemory,
  polled: readonly Subscription[],
  events: number,
  result: number,
): boolean {
  let count = 0;
  for (const { userdata, type, event } of polled) {
    const happened = event();
    if (happened === undefined) continue;
    const view = memory.structure(events + count * EVENT_BYTES, EVENT_BYTES);
    view.setBigUint64(0, userdata, true);
    view.setUint16(8, happened.error, true);
    view.setUint8(10, type);
    view.setBigUint64(16, BigInt(happened.bytes), true);
    view.setUint16(24, happened.flags, true);
    count++;
  }
  if (count > 0) memory.setUint32(result, count);
  return count > 0;
}
