/** What every `Transport` must do (gmp/transport.ts). */
import { assert, assertEquals, assertFalse, assertRejects, assertStrictEquals } from "@std/assert";
import { GhostError } from "../../gmp/errors.ts";
import type { Transport } from "../../gmp/transport.ts";
import { concat, hex, Random } from "./_wire.ts";

/** More than any transport takes before the other side reads. */
const MUCH = 1 << 24;

/** Reads until `size` bytes have come. */
async function readBytes(transport: Transport, size: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let count = 0; count < size;) {
    const chunk = await transport.read();
    assert(chunk !== null, `ended after ${count} bytes of ${size}`);
    assert(chunk.length > 0, "an empty chunk");
    chunks.push(chunk.slice());
    count += chunk.length;
  }
  return concat(...chunks);
}

/** Reads to the end, which may be an error, and returns how many bytes came. */
async function readToEnd(transport: Transport): Promise<number> {
  let count = 0;
  try {
    for (let chunk = await transport.read(); chunk !== null; chunk = await transport.read()) {
      count += chunk.length;
    }
  } catch (error) {
    assert(error instanceof GhostError && error.code === "CONNECTION_LOST", String(error));
  }
  return count;
}

async function assertLost(promise: Promise<unknown>, cause?: unknown): Promise<void> {
  const error = await assertRejects(() => promise, GhostError);
  assertEquals(error.code, "CONNECTION_LOST");
  if (cause !== undefined) assertStrictEquals(error.cause, cause);
}

/** Writes `MUCH` zeros, a mebibyte at a time. */
async function writeMuch(transport: Transport): Promise<void> {
  for (let count = 0; count < MUCH; count += 1 << 20) await transport.write(new Uint8Array(1 << 20));
}

/** Runs the suite: `connect` makes two connected transports, which the suite ends. */
export function transportSuite(
  name: string,
  connect: () => Promise<[Transport, Transport, ...unknown[]]>,
): void {
  const test = (behaviour: string, steps: (one: Transport, other: Transport) => Promise<void>) =>
    Deno.test(`${name}: ${behaviour}`, async () => {
      const [one, other] = await connect();
      try {
        await steps(one, other);
      } finally {
        one.close();
        other.close();
      }
    });

  test("bytes come in order, both ways at once, whatever their pieces", async (one, other) => {
    const random = new Random(1);
    const sent = random.bytes(100_000);
    const back = random.bytes(100_000);
    const writeAll = async (transport: Transport, pieces: Uint8Array[]) => {
      for (const piece of pieces) await transport.write(piece);
    };
    const [, , received, answered] = await Promise.all([
      writeAll(one, random.split(sent, 3000)),
      writeAll(other, random.split(back, 500)),
      readBytes(other, sent.length),
      readBytes(one, back.length),
    ]);
    assertEquals(received, sent);
    assertEquals(answered, back);
  });

  test("one byte arrives alone", async (one, other) => {
    for (let value = 0; value < 3; value++) {
      await one.write(Uint8Array.of(value));
      assertEquals(await other.read(), Uint8Array.of(value));
    }
  });

  test("a write longer than any buffer arrives whole", async (one, other) => {
    const sent = new Uint8Array(MUCH);
    for (let i = 0; i < sent.length; i += 1009) sent[i] = i;
    const [received] = await Promise.all([readBytes(other, MUCH), one.write(sent)]);
    assertEquals(received.length, MUCH);
    assertEquals(Uint8Array.prototype.every.call(received, (byte, i) => byte === sent[i]), true);
  });

  test("writes wait for a side that does not read", async (one, other) => {
    let written = false;
    const writing = writeMuch(one).then(() => written = true);
    const first = await other.read();
    assertFalse(written);
    await readBytes(other, MUCH - first!.length);
    await writing;
  });

  test("what was written may change once the write is done", async (one, other) => {
    const bytes = hex("010203");
    await one.write(bytes);
    bytes.fill(9);
    assertEquals(await readBytes(other, 3), hex("010203"));
  });

  test("an empty write does nothing", async (one, other) => {
    await one.write(new Uint8Array(0));
    await one.write(hex("07"));
    assertEquals(await other.read(), hex("07"));
  });

  test(
    "after close the other side reads what was written, then null, again and again",
    async (one, other) => {
      await one.write(hex("010203"));
      one.close();
      assertEquals(await readBytes(other, 3), hex("010203"));
      assertEquals(await other.read(), null);
      assertEquals(await other.read(), null);
    },
  );

  test("close ends a read of its own side that is under way, and later ones", async (one) => {
    const reading = one.read();
    one.close();
    assertEquals(await reading, null);
    assertEquals(await one.read(), null);
    one.close();
  });

  test("close fails a write of its own side that waits, and later ones", async (one, other) => {
    const writing = writeMuch(one);
    await other.read();
    one.close();
    await assertLost(writing);
    await assertLost(one.write(hex("00")));
  });

  test("a write to a side that closed fails", async (one, other) => {
    other.close();
    const error = await assertRejects(async () => {
      for (;;) await one.write(new Uint8Array(1000));
    }, GhostError);
    assertEquals(error.code, "CONNECTION_LOST");
  });

  test("a write that waits fails when the other side closes", async (one, other) => {
    const writing = writeMuch(one);
    await other.read();
    other.close();
    await assertLost(writing);
  });

  test("abort fails a read that is under way with its reason as the cause, and later ones", async (one) => {
    const reason = new Error("enough");
    const reading = one.read();
    one.abort(reason);
    await assertLost(reading, reason);
    await assertLost(one.read(), reason);
  });

  test("abort fails a write that waits with its reason as the cause, and later ones", async (one, other) => {
    const reason = new Error("enough");
    const writing = writeMuch(one);
    await other.read();
    one.abort(reason);
    await assertLost(writing, reason);
    await assertLost(one.write(hex("00")), reason);
  });

  test("abort ends the other side", async (one, other) => {
    one.abort();
    assertEquals(await readToEnd(other), 0);
  });

  test("abort in the middle of writing ends the other side before all of it", async (one, other) => {
    const writing = writeMuch(one);
    await other.read();
    one.abort();
    await assertLost(writing);
    assert(await readToEnd(other) < MUCH);
  });

  test("what ended first stays: close after abort, abort after close", async (one, other) => {
    await one.write(hex("01"));
    one.close();
    one.abort(new Error("too late"));
    assertEquals(await one.read(), null);
    assertEquals(await readBytes(other, 1), hex("01"));
    assertEquals(await other.read(), null);
    const reason = new Error("first");
    other.abort(reason);
    other.close();
    await assertLost(other.read(), reason);
  });
}
