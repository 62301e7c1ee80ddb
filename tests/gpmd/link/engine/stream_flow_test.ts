// What happens to much that comes for a reader that is slower than its sender.
import { assertEquals, assertRejects } from "@std/assert";
import { StreamReader } from "../../../../gpmd/link/engine/_stream_reader.ts";
import { StreamTransport } from "../../../../gpmd/link/engine/stream_transport.ts";
import { readBytes, writeBytes } from "../../../../gmp/transports/transport.ts";
import { eventually } from "../../../tools/commands.ts";
import { streamMaker } from "./_streams.ts";

Deno.test({
  name: "a reader that pauses again and again gets all that a faster sender has, and the stream stays whole",
  // The nodes of libp2p have timers of their own.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using maker = await streamMaker();
    const [one, other] = (await maker.next()).map((stream) => new StreamTransport(stream)) as [
      StreamTransport,
      StreamTransport,
    ];
    const size = 96 << 20;
    const sending = (async () => {
      const piece = new Uint8Array(1 << 20);
      for (let sent = 0; sent < size; sent += piece.length) await writeBytes(one, piece);
    })();
    let received = 0;
    for (let turns = 0; received < size; turns++) {
      received += (await readBytes(other))!.length;
      if (turns % 8 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await sending;
    assertEquals(received, size);
    one.close();
    other.close();
  },
});

Deno.test({
  name: "a connection that ends while one of its streams is paused ends that stream, and nothing else",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const maker = await streamMaker();
    const [sender, receiver] = await maker.next();
    const reader = new StreamReader(receiver);
    sender.send(new Uint8Array(1 << 20));
    await eventually(
      "a stream that is paused with more to read",
      () => receiver.readStatus === "paused" && receiver.readBufferLength > 0,
    );
    await maker[Symbol.asyncDispose]();
    await assertRejects(() => reader.next());
  },
});
