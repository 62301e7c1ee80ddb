/** What every `Transport` must do (gmp/transports/transport.ts). */
import { assert, assertEquals, assertFalse, assertRejects } from "@std/assert";
import { GhostError } from "../../gmp/errors.ts";
import { readBytes, type Transport, writeBytes } from "../../gmp/transports/transport.ts";
import { concat, hex, Random } from "./_wire.ts";

/** More than any transport takes before the other side reads. */
const MUCH = 1 << 24;

/** Reads until `size` bytes have come. */
async function readExactly(transport: Transport, size: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let count = 0; count < size;) {
    const chunk = await readBytes(transport);
    assert(chunk !== null, `ended after ${count} bytes of ${size}`);
    assert(chunk.length > 0, "an empty chunk");
    chunks.push(chunk.slice());
    count += chunk.length;
  }
  return concat(...chunks);
}

async function assertLost(promise: Promise<unknown>): Promise<void> {
  assertEquals((await assertRejects(() => promise, GhostError)).code, "CONNECTION_LOST");
}

/** Writes `MUCH` zeros, a mebibyte at a time. */
async function writeMuch(transport: Transport): Promise<void> {
  for (let count = 0; count < MUCH; count += 1 << 20) await writeBytes(transport, new Uint8Array(1 << 20));
}

/**
 * Runs the suite: `connect` makes two connected transports, which the suite ends. Deno looks for leaks unless the library
 * below has timers of its own.
 */
export function transportSuite(
  name: string,
  connect: () => Promise<[Transport, Transport, ...unknown[]]>,
  options: { readonly sanitizeOps?: boolean; readonly sanitizeResources?: boolean } = {},
): void {
  const test = (behaviour: string, steps: (one: Transport, other: Transport) => Promise<void>) =>
    Deno.test(`${name}: ${behaviour}`, options, async () => {
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
      for (const piece of pieces) await writeBytes(transport, piece);
    };
    const [, , received, answered] = await Promise.all([
      writeAll(one, random.split(sent, 3000)),
      writeAll(other, random.split(back, 500)),
      readExactly(other, sent.length),
      readExactly(one, back.length),
    ]);
    assertEquals(received, sent);
    assertEquals(answered, back);
  });

  test("one byte arrives alone", async (one, other) => {
    for (let value = 0; value < 3; value++) {
      await writeBytes(one, Uint8Array.of(value));
      assertEquals(await readBytes(other), Uint8Array.of(value));
    }
  });

  test("a write longer than any buffer arrives whole", async (one, other) => {
    const sent = new Uint8Array(MUCH);
    for (let i = 0; i < sent.length; i += 1009) sent[i] = i;
    const [received] = await Promise.all([readExactly(other, MUCH), writeBytes(one, sent)]);
    assertEquals(received.length, MUCH);
    assertEquals(Uint8Array.prototype.every.call(received, (byte, i) => byte === sent[i]), true);
  });

  test("writes wait for a side that does not read", async (one, other) => {
    let written = false;
    const writing = writeMuch(one).then(() => written = true);
    const first = await readBytes(other);
    assertFalse(written);
    await readExactly(other, MUCH - first!.length);
    await writing;
  });

  test("what was written may change once the write is done", async (one, other) => {
    const bytes = hex("010203");
    await writeBytes(one, bytes);
    bytes.fill(9);
    assertEquals(await readExactly(other, 3), hex("010203"));
  });

  test("an empty write does nothing", async (one, other) => {
    await writeBytes(one, new Uint8Array(0));
    await writeBytes(one, hex("07"));
    assertEquals(await readBytes(other), hex("07"));
  });

  test(
    "after close the other side reads what was written, then null, again and again",
    async (one, other) => {
      await writeBytes(one, hex("010203"));
      one.close();
      assertEquals(await readExactly(other, 3), hex("010203"));
      assertEquals(await readBytes(other), null);
      assertEquals(await readBytes(other), null);
    },
  );

  test("close fails a read of its own side that is under way, and later ones", async (one) => {
    const reading = readBytes(one);
    one.close();
    await assertLost(reading);
    await assertLost(readBytes(one));
    one.close();
  });

  test("close fails a write of its own side that waits, and later ones", async (one, other) => {
    const writing = writeMuch(one);
    await readBytes(other);
    one.close();
    await assertLost(writing);
    await assertLost(writeBytes(one, hex("00")));
  });

  test("a write to a side that closed fails", async (one, other) => {
    other.close();
    const error = await assertRejects(async () => {
      for (;;) await writeBytes(one, new Uint8Array(1000));
    }, GhostError);
    assertEquals(error.code, "CONNECTION_LOST");
  });

  test("a write that waits fails when the other side closes", async (one, other) => {
    const writing = writeMuch(one);
    await readBytes(other);
    other.close();
    await assertLost(writing);
  });

  test("a write that is cut short by close ends the other side before all of it", async (one, other) => {
    const writing = writeMuch(one);
    let count = (await readBytes(other))!.length;
    one.close();
    await assertLost(writing);
    for (let chunk = await readBytes(other); chunk !== null; chunk = await readBytes(other)) {
      count += chunk.length;
    }
    assert(count < MUCH);
  });

  test("read and write are counts: what came is there until the next read", async (one, other) => {
    assertEquals(await one.write(hex("010203")), 3);
    const count = (await other.read())!;
    assertEquals(other.received(count).subarray(0, count), hex("010203"));
  });
}
