/** What must hold of a way from one socket through pumps to another. */
import { assert, assertEquals } from "@std/assert";
import { pause } from "../../../../gmp/async/pause.ts";
import { Random } from "../../../gmp/_wire.ts";
import { isOver, readUpTo, writeAll } from "./_sockets.ts";

/** Two sockets with pumps between them. */
interface PumpedPair {
  /** Its two sockets. */
  readonly sockets: [Deno.TcpConn, Deno.TcpConn];
  /** Resolves when all pumps between them have ended. */
  readonly over: Promise<unknown>;
}

/** More than all buffers on the way take. */
const MUCH = 1 << 26;

/** Runs the suite: `connect` makes a pair, which the suite ends; where `isHalfOpen` is false, one direction does not outlive the other. */
export function pumpSuite(
  name: string,
  connect: () => Promise<PumpedPair>,
  { isHalfOpen = true }: { readonly isHalfOpen?: boolean } = {},
): void {
  const test = (behaviour: string, steps: (one: Deno.TcpConn, other: Deno.TcpConn) => Promise<void>) =>
    Deno.test(`${name}: ${behaviour}`, async () => {
      const { sockets, over } = await connect();
      try {
        await steps(...sockets);
      } finally {
        for (const socket of sockets) socket.close();
      }
      await over;
    });

  test("bytes come in order, both ways at once, whatever their pieces", async (one, other) => {
    const random = new Random(1);
    const [there, back] = [random.bytes(3_000_000), random.bytes(1_000_000)];
    const write = async (socket: Deno.TcpConn, pieces: Uint8Array[]) => {
      for (const piece of pieces) await writeAll(socket, piece);
    };
    const [, , got, answered] = await Promise.all([
      write(one, random.split(there, 70_000)),
      write(other, random.split(back, 5000)),
      readUpTo(other, there.length),
      readUpTo(one, back.length),
    ]);
    assertEquals(got, there);
    assertEquals(answered, back);
  });

  test("a message of 64 bytes comes alone, at once", async (one, other) => {
    one.setNoDelay(true);
    for (let value = 0; value < 100; value++) {
      const message = new Uint8Array(64).fill(value);
      await writeAll(one, message);
      assertEquals(await readUpTo(other, 64), message);
    }
  });

  const withoutReader = async (from: Deno.TcpConn, to: Deno.TcpConn) => {
    let [sent, all] = [0, MUCH];
    const sending = (async () => {
      for (const piece = new Uint8Array(1 << 16); sent < all;) {
        sent += await from.write(piece.subarray(0, all - sent));
      }
    })();
    // The system's own buffers take some megabytes at each socket; then nothing moves.
    for (let before = -1; sent !== before; await pause(300, new AbortController().signal)) before = sent;
    assert(sent < MUCH / 2, `${sent} bytes were taken though nobody reads`);
    all = sent + (1 << 20); // more than is on its way into the system
    assertEquals((await readUpTo(to, all)).length, all);
    await sending;
  };

  test(
    "what the other side does not read is not read here either",
    (one, other) => withoutReader(one, other),
  );

  test("nor is what comes back", (one, other) => withoutReader(other, one));

  const halfOpenTest = isHalfOpen ? test : () => {};
  halfOpenTest(
    "an end of one direction is passed on, and the other direction goes on",
    async (one, other) => {
      await writeAll(one, Uint8Array.of(1, 2, 3));
      await one.closeWrite();
      assertEquals(await readUpTo(other, 10), Uint8Array.of(1, 2, 3));
      const sent = new Random(2).bytes(1_000_000);
      const [got] = await Promise.all([
        readUpTo(one, sent.length + 1),
        writeAll(other, sent).then(() => other.closeWrite()),
      ]);
      assertEquals(got, sent);
    },
  );

  test("what was sent before the end comes, though nobody reads it before", async (one, other) => {
    const sent = new Random(3).bytes(500_000);
    const sending = writeAll(one, sent).then(() => one.closeWrite());
    await pause(50, new AbortController().signal);
    assertEquals(await readUpTo(other, sent.length + 1), sent);
    await sending;
  });

  test("a connection that breaks ends the other", async (one, other) => {
    await writeAll(other, new Uint8Array(100_000));
    await one.read(new Uint8Array(1)); // what is unread when it closes makes the system send a reset
    one.close();
    assert(await isOver(other));
    await other.write(new Uint8Array(1)).catch(() => {});
    // The suite closes it again.
    Object.assign(one, { close: () => {} });
  });
}
