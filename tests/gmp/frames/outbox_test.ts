import { assertEquals, assertFalse, assertLess } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { HEADER_BYTES, Kind, SESSION_CAPS } from "../../../gmp/frames/frame.ts";
import { FrameDecoder } from "../../../gmp/frames/decoder.ts";
import { Outbox } from "../../../gmp/frames/outbox.ts";
import type { Transport } from "../../../gmp/transports/transport.ts";
import { concat, frameBytes, framesIn, hex } from "../_wire.ts";

/** A transport whose writes are done when the test says so. */
class HeldTransport implements Transport {
  readonly writes: Uint8Array[] = [];
  #held: PromiseWithResolvers<number>[] = [];

  read(): Promise<null> {
    return Promise.resolve(null);
  }

  received(): Uint8Array {
    throw new Error("Nothing came");
  }

  write(bytes: Uint8Array): Promise<number> {
    this.writes.push(bytes.slice());
    const held = Promise.withResolvers<number>();
    this.#held.push(held);
    return held.promise;
  }

  /** Ends the oldest write that is under way, which took `count` of its bytes, all by default. */
  async done(
    error?: Error,
    count: number = this.writes[this.writes.length - this.#held.length]!.length,
  ): Promise<void> {
    const held = this.#held.shift()!;
    if (error === undefined) held.resolve(count);
    else held.reject(error);
    // Whoever waits for the write goes on in this turn.
    await new Promise((resolve) => setTimeout(resolve));
  }

  get underWay(): number {
    return this.#held.length;
  }

  close(): void {}
}

function make(failed: (error: unknown) => void = () => {}): [Outbox, HeldTransport] {
  const transport = new HeldTransport();
  return [new Outbox(transport, failed), transport];
}

const ping = (id: number) => frameBytes(Kind.PING, { id });

Deno.test("frames of one turn leave as one write, in order", async () => {
  const [outbox, transport] = make();
  outbox.append(Kind.REQUEST, 1, 0x0302, 9, hex("80"));
  outbox.append(Kind.GOODBYE, 0, 0, 0, new Uint8Array(0));
  assertEquals(transport.writes, []);
  assertEquals(outbox.size, 2 * HEADER_BYTES + 1);
  await Promise.resolve();
  assertEquals(transport.writes, [hex("01000000 04 01 0203 09000000 80  00000000 0e 00 0000 00000000")]);
  await transport.done();
  assertEquals(outbox.size, 0);
});

Deno.test("a reserved payload is written in place", async () => {
  const [outbox, transport] = make();
  outbox.append(Kind.PING, 0, 0, 1, new Uint8Array(0));
  const at = outbox.reserve(Kind.CALL, 0, 0, 2, 12);
  outbox.view.setUint32(at, 5, true);
  outbox.view.setFloat64(at + 4, 0.5, true);
  outbox.flush();
  assertEquals(
    transport.writes,
    [concat(ping(1), hex("0c000000 08 00 0000 02000000 05000000 000000000000e03f"))],
  );
  await transport.done();
});

Deno.test("frames that come while a write is under way leave together after it", async () => {
  const [outbox, transport] = make();
  outbox.append(Kind.PING, 0, 0, 1, new Uint8Array(0));
  outbox.flush();
  for (let id = 2; id <= 4; id++) {
    outbox.append(Kind.PING, 0, 0, id, new Uint8Array(0));
    await Promise.resolve();
    outbox.flush();
  }
  assertEquals(transport.underWay, 1);
  assertEquals(outbox.size, 4 * HEADER_BYTES);
  await transport.done();
  assertEquals(transport.writes, [ping(1), concat(ping(2), ping(3), ping(4))]);
  await transport.done();
  assertEquals([outbox.size, transport.underWay], [0, 0]);
});

Deno.test("what a write does not take is written before anything else", async () => {
  const [outbox, transport] = make();
  outbox.append(Kind.DATA, 0, 0, 1, hex("010203"));
  outbox.flush();
  outbox.append(Kind.PING, 0, 0, 2, new Uint8Array(0));
  const whole = frameBytes(Kind.DATA, { id: 1, payload: hex("010203") });
  await transport.done(undefined, 4);
  assertEquals(outbox.size, whole.length - 4 + HEADER_BYTES);
  await transport.done(undefined, 1);
  await transport.done();
  assertEquals(transport.writes, [whole, whole.subarray(4), whole.subarray(5), ping(2)]);
  await transport.done();
  assertEquals(outbox.size, 0);
});

Deno.test("frames that are gathered leave when they are flushed, not before", async () => {
  const [outbox, transport] = make();
  outbox.gather();
  outbox.append(Kind.PING, 0, 0, 1, new Uint8Array(0));
  await Promise.resolve();
  assertEquals(transport.writes, []);
  outbox.flush();
  await transport.done();
  outbox.append(Kind.PING, 0, 0, 2, new Uint8Array(0));
  await Promise.resolve();
  assertEquals(transport.writes, [ping(1), ping(2)]);
  await transport.done();
});

Deno.test("what is written does not change while its write is under way", async () => {
  const transport = new HeldTransport();
  const given: Uint8Array[] = [];
  const write = transport.write.bind(transport);
  transport.write = (bytes) => (given.push(bytes), write(bytes));
  const outbox = new Outbox(transport, () => {});
  for (let round = 0; round < 5; round++) {
    outbox.append(Kind.DATA, 0, 0, round, new Uint8Array(100).fill(round));
    outbox.flush();
    for (let more = 0; more < 3; more++) {
      outbox.append(Kind.DATA, 0, 0, 99, new Uint8Array(100 << more).fill(0xee));
    }
    assertEquals(given.at(-1), transport.writes.at(-1));
    await transport.done();
    assertEquals(given.at(-1), transport.writes.at(-1));
    await transport.done();
  }
});

Deno.test("a frame larger than the buffer, and many small ones, come out whole", async () => {
  const [outbox, transport] = make();
  for (let id = 0; id < 1000; id++) outbox.append(Kind.PING, 0, 0, id, hex("00ff"));
  outbox.append(Kind.DATA, 0, 0, 7, new Uint8Array(1 << 20).fill(3));
  outbox.flush();
  const frames = framesIn(new FrameDecoder(SESSION_CAPS, false), transport.writes[0]!);
  assertEquals(frames.length, 1001);
  assertEquals(frames.at(-1)?.payload, new Uint8Array(1 << 20).fill(3));
  await transport.done();
});

Deno.test("an idle outbox keeps little of what it needed", async () => {
  const [outbox, transport] = make();
  outbox.append(Kind.DATA, 0, 0, 1, new Uint8Array(1 << 20));
  outbox.flush();
  await transport.done();
  for (let round = 0; round < 2; round++) {
    outbox.append(Kind.PING, 0, 0, 1, new Uint8Array(0));
    assertLess(outbox.view.byteLength, 1 << 16);
    outbox.flush();
    await transport.done();
  }
});

Deno.test("a buffer that was written serves whoever writes next, and one outbox at a time", async () => {
  const [[one, first], [two, second]] = [make(), make()];
  const writing = (...pairs: [Outbox, number][]) => {
    for (const [outbox, id] of pairs) outbox.append(Kind.PING, 0, 0, id, new Uint8Array(0));
    for (const [outbox] of pairs) outbox.flush();
  };
  writing([one, 1]);
  await first.done();
  writing([two, 2], [one, 3]);
  writing([two, 4], [one, 5]);
  for (let i = 0; i < 2; i++) await Promise.all([first.done(), second.done()]);
  assertEquals(first.writes, [ping(1), ping(3), ping(5)]);
  assertEquals(second.writes, [ping(2), ping(4)]);
});

Deno.test("drained resolves at its limit, not before, though more frames keep coming", async () => {
  const [outbox, transport] = make();
  outbox.append(Kind.DATA, 0, 0, 1, new Uint8Array(1000));
  outbox.flush();
  outbox.append(Kind.DATA, 0, 0, 1, new Uint8Array(1000));
  let drained = false;
  const waiting = outbox.drained(500).then(() => drained = true);
  await transport.done();
  assertFalse(drained);
  outbox.append(Kind.PING, 0, 0, 1, new Uint8Array(0));
  await transport.done();
  assertEquals(transport.underWay, 1);
  await waiting;
  await transport.done();
  await outbox.drained(0);
});

Deno.test("taken resolves when what waits now was taken, though more frames keep coming", async () => {
  const [outbox, transport] = make();
  await outbox.taken();
  outbox.append(Kind.PING, 0, 0, 1, new Uint8Array(0));
  outbox.flush();
  outbox.append(Kind.PING, 0, 0, 2, new Uint8Array(0));
  let taken = false;
  const waiting = outbox.taken().then(() => taken = true);
  await transport.done();
  assertFalse(taken);
  outbox.append(Kind.PING, 0, 0, 3, new Uint8Array(0));
  await transport.done();
  await waiting;
  assertEquals([transport.underWay, outbox.size], [1, HEADER_BYTES]);
  await transport.done();
});

Deno.test("taken hands over at once what no write is in the way of", async () => {
  const [outbox, transport] = make();
  outbox.append(Kind.PING, 0, 0, 1, new Uint8Array(0));
  const waiting = outbox.taken();
  assertEquals(transport.writes, [ping(1)]);
  await transport.done();
  await waiting;
});

Deno.test("a write that fails is told once and lets those go on who wait", async () => {
  const failures: unknown[] = [];
  const [outbox, transport] = make((error) => failures.push(error));
  outbox.append(Kind.PING, 0, 0, 1, new Uint8Array(0));
  outbox.flush();
  outbox.append(Kind.PING, 0, 0, 2, new Uint8Array(0));
  const waiting = Promise.all([outbox.drained(0), outbox.taken()]);
  const error = new GhostError("CONNECTION_LOST");
  await transport.done(error);
  await waiting;
  assertEquals(failures, [error]);
  assertEquals([outbox.size, transport.writes.length], [0, 1]);
});
