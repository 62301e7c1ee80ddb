import { assert, assertEquals } from "@std/assert";
import { ERRNO } from "../../../../../gvm/wasi/host/errno.ts";
import { ABSTIME, CLOCK, EVENT_TYPE, HANGUP } from "../../../../../gvm/wasi/preview1/flags.ts";
import { InputQueue } from "../../../../../gvm/wasi/mod.ts";
import { MAX_SUBSCRIPTIONS } from "../../../../../gvm/wasi/preview1/functions/poll.ts";
import { Host, ROOT } from "../../_host.ts";

interface Subscribed {
  readonly type: number;
  readonly fd?: number;
  readonly clock?: number;
  readonly timeout?: bigint;
  readonly flags?: number;
}

interface Polled {
  readonly userdata: bigint;
  readonly type: number;
  readonly error: number;
  readonly bytes: bigint;
  readonly flags: number;
}

const clock = (timeout: bigint, id: number = CLOCK.MONOTONIC, flags = 0): Subscribed => ({
  type: EVENT_TYPE.CLOCK,
  clock: id,
  timeout,
  flags,
});
const read = (fd: number): Subscribed => ({ type: EVENT_TYPE.FD_READ, fd });
const write = (fd: number): Subscribed => ({ type: EVENT_TYPE.FD_WRITE, fd });

/** The arguments of `poll_oneoff` for subscriptions, the userdata of each being its index, and a way to read the events. */
function prepare(host: Host, subscriptions: Subscribed[]) {
  const pointer = host.allocate(subscriptions.length * 48);
  const events = host.allocate(subscriptions.length * 32);
  const result = host.allocate(4);
  subscriptions.forEach(({ type, fd, clock, timeout, flags }, index) => {
    const view = host.view(pointer + index * 48, 48);
    view.setBigUint64(0, BigInt(index), true);
    view.setUint8(8, type);
    view.setUint32(16, fd ?? clock ?? 0, true);
    if (timeout !== undefined) view.setBigUint64(24, timeout, true);
    view.setUint16(40, flags ?? 0, true);
  });
  const eventsNow = (): Polled[] =>
    Array.from({ length: host.u32(result) }, (_, index) => {
      const view = host.view(events + index * 32, 32);
      return {
        userdata: view.getBigUint64(0, true),
        error: view.getUint16(8, true),
        type: view.getUint8(10),
        bytes: view.getBigUint64(16, true),
        flags: view.getUint16(24, true),
      };
    });
  return { args: [pointer, events, subscriptions.length, result], eventsNow };
}

function poll(host: Host, ...subscriptions: Subscribed[]): Polled[] {
  const { args, eventsNow } = prepare(host, subscriptions);
  host.ok("poll_oneoff", ...args);
  return eventsNow();
}

async function wait(host: Host, ...subscriptions: Subscribed[]): Promise<Polled[]> {
  const { args, eventsNow } = prepare(host, subscriptions);
  assertEquals(await host.wait("poll_oneoff", ...args), ERRNO.SUCCESS);
  return eventsNow();
}

const about = ({ userdata, error }: Polled) => [userdata, error];

Deno.test("times that have passed and descriptors that are ready are told at once, all of them", () => {
  const host = new Host({ stdin: new InputQueue([new Uint8Array(5)]) });
  const file = host.create("file", "abc");
  host.ok("fd_seek", file, 1n, 0, host.allocate(8));
  const now = BigInt(Date.now()) * 1_000_000n;
  const events = poll(
    host,
    clock(0n),
    clock(10n ** 12n),
    clock(now - 10n ** 9n, CLOCK.REALTIME, ABSTIME),
    clock(1n, CLOCK.MONOTONIC, ABSTIME),
    read(0),
    read(file),
    write(1),
    write(file),
  );
  assertEquals(events.map(({ userdata, type, error }) => [userdata, type, error]), [
    [0n, EVENT_TYPE.CLOCK, 0],
    [2n, EVENT_TYPE.CLOCK, 0],
    [3n, EVENT_TYPE.CLOCK, 0],
    [4n, EVENT_TYPE.FD_READ, 0],
    [5n, EVENT_TYPE.FD_READ, 0],
    [6n, EVENT_TYPE.FD_WRITE, 0],
    [7n, EVENT_TYPE.FD_WRITE, 0],
  ]);
  assertEquals([events[3]!.bytes, events[4]!.bytes], [5n, 2n]);
});

Deno.test("a sleep takes its time, by each clock that can be waited for", async () => {
  const host = new Host();
  const began = performance.now();
  assertEquals((await wait(host, clock(3_000_000n), clock(10n ** 12n))).map(about), [[0n, 0]]);
  assertEquals((await wait(host, clock(3_000_000n, CLOCK.REALTIME))).map(about), [[0n, 0]]);
  const soon = BigInt(Date.now() + 5) * 1_000_000n;
  assertEquals((await wait(host, clock(soon, CLOCK.REALTIME, ABSTIME))).map(about), [[0n, 0]]);
  assert(performance.now() - began >= 9);
});

Deno.test("input that comes ends the wait before the timeout", async () => {
  const stdin = new InputQueue();
  const host = new Host({ stdin });
  const waiting = wait(host, clock(10n ** 11n), read(0));
  stdin.push(new Uint8Array(3));
  const [event] = await waiting;
  assertEquals([event?.userdata, event?.bytes, event?.flags], [1n, 3n, 0]);
});

Deno.test("input that has ended is told as hung up", async () => {
  const stdin = new InputQueue();
  const host = new Host({ stdin });
  const waiting = wait(host, read(0));
  stdin.end();
  assertEquals((await waiting).map(({ bytes, flags }) => [bytes, flags]), [[0n, HANGUP]]);
});

Deno.test("a wait that another one outlived leaves nothing behind", async () => {
  const waiting = new Set<AbortSignal>();
  class Watched extends InputQueue {
    override async wait(signal: AbortSignal): Promise<void> {
      waiting.add(signal);
      await super.wait(signal).finally(() => waiting.delete(signal));
    }
  }
  const host = new Host({ stdin: new Watched() });
  for (let count = 0; count < 3; count++) {
    assertEquals((await wait(host, read(0), clock(1_000_000n))).map(about), [[1n, 0]]);
  }
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(waiting.size, 0);
});

Deno.test("what is wrong with a subscription is told in its event, and the others are told too", () => {
  const host = new Host();
  const cpu = clock(1n, CLOCK.PROCESS_CPUTIME);
  const events = poll(
    host,
    read(99),
    write(0),
    read(ROOT),
    cpu,
    clock(1n, 7),
    clock(1n, 0, 2),
    { type: 9 },
    write(2),
  );
  const { BADF, NOTCAPABLE, NOTSUP, INVAL, SUCCESS } = ERRNO;
  assertEquals(events.map(({ error }) => error), [
    BADF,
    NOTCAPABLE,
    NOTCAPABLE,
    NOTSUP,
    INVAL,
    INVAL,
    INVAL,
    SUCCESS,
  ]);
});

Deno.test("a guest that cannot wait is told so, and only when it would have to", () => {
  const host = new Host({ stdin: new InputQueue(), blocking: false });
  assertEquals(poll(host, clock(10n ** 9n), write(1)).map(about), [[1n, 0]]);
  const { args } = prepare(host, [clock(10n ** 9n), read(0)]);
  assertEquals(host.call("poll_oneoff", ...args), ERRNO.NOTSUP);
});

Deno.test("one to so many subscriptions are taken", () => {
  const host = new Host();
  assertEquals(host.call("poll_oneoff", 0, 0, 0, 0), ERRNO.INVAL);
  assertEquals(host.call("poll_oneoff", 0, 0, MAX_SUBSCRIPTIONS + 1, 0), ERRNO.INVAL);
});

Deno.test({
  name: "a sleep longer than a timer can be is one wait, and abort ends it and its timer",
  sanitizeOps: true,
  sanitizeResources: true,
  async fn() {
    let waits = 0;
    class Counted extends InputQueue {
      override wait(signal: AbortSignal): Promise<void> {
        waits++;
        return super.wait(signal);
      }
    }
    const host = new Host({ stdin: new Counted() });
    const reason = new Error("stop");
    const { args } = prepare(host, [
      read(0),
      clock(2n ** 64n - 1n),
      clock(2n ** 63n, CLOCK.REALTIME, ABSTIME),
    ]);
    const waiting = host.wait("poll_oneoff", ...args);
    // A timer that is asked for too much fires at once: before this one.
    await new Promise((resolve) => setTimeout(resolve, 5));
    host.wasi.abort(reason);
    assertEquals(await waiting.catch((error) => error), reason);
    assertEquals(waits, 1);
  },
});

Deno.test("input arrives for a guest that asks for it again and again and never waits", async () => {
  const stdin = new InputQueue();
  const host = new Host({ stdin });
  setTimeout(() => stdin.push(new Uint8Array(3)));
  const { args, eventsNow } = prepare(host, [read(0), clock(0n)]);
  const until = performance.now() + 5000;
  do assertEquals(await host.wasi.functions.poll_oneoff!(...args), ERRNO.SUCCESS); while (
    eventsNow().length === 1 && performance.now() < until
  );
  assertEquals(eventsNow().map(({ bytes }) => bytes), [3n, 0n]);
});
