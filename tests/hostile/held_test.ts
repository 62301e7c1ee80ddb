/** All that waits, and all that is decoded, at once: what a real daemon and a real node hold stays within what limits.md says. */
import { assert, assertEquals, assertLess } from "@std/assert";
import { encodeBody } from "../../gmp/frames/body.ts";
import { PROCESS_BUDGET } from "../../gmp/frames/budget.ts";
import { Flag, HEADER_BYTES, Kind } from "../../gmp/frames/frame.ts";
import { type OperationName, OPERATIONS } from "../../gmp/messages/operations.ts";
import type { Transport } from "../../gmp/transports/transport.ts";
import { writeBytes } from "../../gmp/transports/transport.ts";
import { GhostNode } from "../../gvm/node/ghost_node.ts";
import { concat, frameBytes, hex } from "../gmp/_wire.ts";
import { dialNode } from "../gpmd/_node.ts";
import { ROOT } from "../tools/commands.ts";
import { readModule } from "../tools/network.ts";
import { EvilPeer } from "./_evil_peer.ts";
import { megabytes, startNetwork, startNode, usageOf } from "./_network.ts";

const MIB = 1 << 20;
/** What V8 may have beside what is held: garbage of bodies and buffers that it has not looked at yet. */
const GARBAGE = 256 * MIB;

/** A map whose `field` is a list of as many arrays as there may be: 32 KB that would take 3 MB. */
function amplified(field: string): Uint8Array {
  const name = new TextEncoder().encode(field);
  return concat(
    hex("81"),
    Uint8Array.of(0xa0 | name.length),
    name,
    hex(`dd 00001f00 ${"9101".repeat(0x1f00)}`),
  );
}

/** A map whose `field` is a string of 200 KB. */
function lengthy(field: string): Uint8Array {
  return encodeBody({ name: "math", [field]: "\u0100".repeat(100_000) });
}

function request(operation: OperationName, id: number, payload: Uint8Array, flags = 0): Uint8Array {
  return frameBytes(Kind.REQUEST, { operation: OPERATIONS[operation], id, payload, flags });
}

/** Watches the memory of a process until it is disposed of. */
class Watch implements Disposable {
  most: number;
  readonly #before: number;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(readonly pid: number) {
    this.most = this.#before = usageOf(pid).memory;
    this.#timer = setInterval(() => this.most = Math.max(this.most, usageOf(pid).memory), 20);
  }

  /** Checks that it held no more than all may, and lives. */
  check(what: string): void {
    const grown = Math.max(this.most, usageOf(this.pid).memory) - this.#before;
    assertLess(grown, PROCESS_BUDGET + GARBAGE, `${what} grew by ${megabytes(grown)}`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** Writes until all is written, or the other side has closed; what is answered is not read. */
async function write(transport: Transport, frames: Iterable<Uint8Array>): Promise<void> {
  try {
    for (const bytes of frames) await writeBytes(transport, bytes);
  } catch {
    // It was ended, as it may be.
  }
}

/** `write`, given up when it has not moved for a while: the other side reads no further. */
async function push(transport: Transport, frames: Iterable<Uint8Array>): Promise<void> {
  let moved = performance.now();
  const counted = function* () {
    for (const bytes of frames) {
      yield bytes;
      moved = performance.now();
    }
  };
  const writing = write(transport, counted());
  const timer = setInterval(() => performance.now() - moved > 1000 && transport.close(), 100);
  await writing;
  clearInterval(timer);
}

Deno.test("a daemon under five attacks at once holds what it may, and serves others", async () => {
  await using daemon = await startNetwork();
  using watch = new Watch(daemon.pid);
  const numbers = Array.from({ length: 600 }, (_, i) => i + 1);
  const half = new Uint8Array(MIB / 2 - 1000);
  // One by one, as they are written.
  const asked = function* (payload: Uint8Array) {
    for (const id of numbers) yield request("module.get", id, payload);
  };
  const junk = amplified("junk");
  const long = lengthy("ifNoneMatch");
  const attacks: Record<string, () => Iterable<Uint8Array>> = {
    "unknown fields": () => asked(junk),
    "known fields": () => asked(long),
    "DATA that nobody takes": function* () {
      for (const id of numbers) {
        yield request("module.list", id, hex("80"), Flag.MORE);
        yield frameBytes(Kind.DATA, { id, flags: Flag.MORE, payload: half });
      }
    },
    "unread answers": () => asked(hex("81 a4 6e616d65 a4 6d617468")),
    "a frame without an end":
      () => [frameBytes(Kind.DATA, { payload: new Uint8Array(MIB) }).subarray(0, MIB)],
  };
  // All are in before the first attacks: a handshake that a busy machine does not end in time would be no attack.
  const dialled = await Promise.all(
    Object.values(attacks).flatMap((frames) =>
      Array.from({ length: 6 }, async () => ({ frames, transport: (await dialNode(daemon)).transport }))
    ),
  );
  // A process of its own: this one is busy with attacking, and would not read an answer for seconds.
  const asking = new Deno.Command("deno", {
    args: ["run", "--quiet", "--allow-all", "--no-check", `${ROOT}tests/hostile/_friend.ts`],
    cwd: ROOT,
    env: daemon.env,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const said = asking.stdout.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
  assertEquals((await said.next()).value, "connected\n");
  await Promise.all(dialled.map(({ frames, transport }) => push(transport, frames())));
  await asking.stdin.close();
  const { value: answered } = await said.next();
  assert(Number(answered) > 10, `${answered} answers`);
  assertEquals([(await said.next()).done, (await asking.status).code], [true, 0]);
  watch.check("gpmd");
  await using friend = await daemon.connect();
  assertEquals((await friend.list()).map(({ name }) => name), ["counter", "greet", "math"]);
  for (const { transport } of dialled) transport.close();
});

Deno.test("a node under the attacks of its peers holds what it may, and serves others", async () => {
  await using daemon = await startNetwork();
  await using gpmd = await daemon.connect();
  await gpmd.upload({ name: "endless", version: "v1.0.0", module: readModule("endless_plain") });
  await using target = await startNode(daemon, "target", "--executors=3");
  const { settings, secret } = daemon;
  await using spinner = await GhostNode.start({ ...settings, secret, name: "spinner" });
  await spinner.connect("target");
  await using friend = await GhostNode.start({ ...settings, secret, name: "friend" });
  await friend.connect("target");
  const on = { on: "target" };
  assertEquals(await friend.call("math.add", [1, 2], on), 3);
  using watch = new Watch(target.pid);
  const evil = await Promise.all(
    Array.from({ length: 6 }, (_, i) => EvilPeer.connect(daemon, `evil-${i}`, "target", {})),
  );
  // While one executor is kept busy, what is asked of it waits.
  const spinning = spinner.call("endless.loop", [], on).catch(() => {});
  const junk = [lengthy("executor"), amplified("junk"), amplified("executor")];
  const chunk = new Uint8Array(MIB / 2);
  const stopped = frameBytes(Kind.NOTICE, {
    payload: {
      notice: "call.stopped",
      executor: "none",
      id: 7,
      code: "CANCELLED",
      message: "m".repeat(3900),
    },
  });
  await Promise.all(evil.map(async ({ control }) => {
    for (let id = 1; id <= 150 && control.open; id++) {
      const { outbox } = control;
      for (const payload of junk) outbox.append(Kind.REQUEST, 0, OPERATIONS["executor.open"], id, payload);
      outbox.append(Kind.REQUEST, Flag.MORE, OPERATIONS["executor.open"], 1000 + id, hex("80"));
      outbox.append(Kind.DATA, Flag.MORE, 0, 1000 + id, chunk);
      outbox.append(Kind.NOTICE, 0, 0, 0, stopped.subarray(HEADER_BYTES));
      await outbox.drained(0);
      if (id % 30 === 0) assertEquals(await friend.call("math.add", [id, 2], on), id + 2);
    }
  }));
  watch.check("the node");
  assertEquals(await friend.call("math.add", [3, 4], on), 7);
  assert(friend.list().includes("target"));
  await spinner.close();
  await spinning;
  await Promise.all(evil.map((one) => one[Symbol.asyncDispose]()));
});
