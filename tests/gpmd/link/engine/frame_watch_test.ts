import { assertEquals, assertThrows } from "@std/assert";
import { FrameWatch } from "../../../../gpmd/link/engine/_frame_watch.ts";
import { header } from "./_yamux.ts";

const DATA = 0;
const WINDOW_UPDATE = 1;
const PING = 2;
const GO_AWAY = 3;
const SYN = 1;
const ACK = 2;
const RST = 8;

function joined(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

Deno.test("frames pass in whatever pieces they come, and their data is not taken for headers", () => {
  const ping = header(PING, SYN, 0, 1);
  const bytes = joined(
    header(WINDOW_UPDATE, SYN, 1, 0),
    header(DATA, 0, 1, 24 * 20),
    ...Array(40).fill(ping),
    header(DATA, 0, 1, 0),
    header(GO_AWAY, 0, 0, 0),
  );
  for (const size of [1, 5, 12, 13, bytes.length]) {
    const watch = new FrameWatch();
    for (let at = 0; at < bytes.length; at += size) watch.take(bytes.subarray(at, at + size));
    assertEquals(watch.opened, 1);
  }
});

Deno.test("a frame may have four MiB and not a byte more", () => {
  new FrameWatch().take(header(DATA, 0, 1, 1 << 22));
  for (const length of [(1 << 22) + 1, 2 ** 31, 2 ** 32 - 1]) {
    assertThrows(() => new FrameWatch().take(header(DATA, 0, 1, length)), Error, `${length} bytes`);
  }
});

Deno.test("sixteen pings may come at once, and one a second; answers to ours count for nothing", () => {
  let now = 0;
  const watch = new FrameWatch(() => now);
  const ping = header(PING, SYN, 0, 7);
  for (let i = 0; i < 16; i++) watch.take(ping);
  for (let i = 0; i < 100; i++) watch.take(header(PING, ACK, 0, 7));
  assertThrows(() => watch.take(ping), Error, "pings");
  now = 1000;
  watch.take(ping);
  assertThrows(() => watch.take(ping), Error, "pings");
});

Deno.test("streams that are opened and reset at once count as opened, whichever frame opens them", () => {
  let now = 0;
  const watch = new FrameWatch(() => now);
  const open = (stream: number) =>
    watch.take(header(stream % 4 === 1 ? DATA : WINDOW_UPDATE, SYN, stream, 0));
  for (let i = 0; i < 2048; i++) {
    open(2 * i + 1);
    watch.take(header(WINDOW_UPDATE, RST, 2 * i + 1, 0));
  }
  assertThrows(() => open(4097), Error, "streams");
  now = 10;
  open(4099);
  assertThrows(() => open(4101), Error, "streams");
});
