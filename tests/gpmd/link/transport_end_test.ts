import { assertEquals } from "@std/assert";
import { TcpTransport } from "../../../gmp/ports/tcp.ts";
import { pump } from "../../../gpmd/link/pipes/pump.ts";
import { TransportEnd } from "../../../gpmd/link/transport_end.ts";
import { endAndSocket, isOver, readUpTo, tcpPair, writeAll } from "./pipes/_sockets.ts";
import { pumpSuite } from "./pipes/_pump_suite.ts";

/** A socket and a transport joined, with the sockets at their other sides. */
async function joined() {
  const [[one, near], [dialled, far]] = await Promise.all([endAndSocket(), tcpPair()]);
  return { near, far, over: pump(one, new TransportEnd(new TcpTransport(dialled))) };
}

pumpSuite("a socket and a transport", async () => {
  const { near, far, over } = await joined();
  return { sockets: [near, far], over };
}, { isHalfOpen: false });

Deno.test("what was sent to a transport before the end comes whole, and the end behind it", async () => {
  const { near, far, over } = await joined();
  const sent = crypto.getRandomValues(new Uint8Array(60_000));
  for (let at = 0; at < sent.length; at += 1000) await writeAll(near, sent.subarray(at, at + 1000));
  near.closeWrite();
  assertEquals(await readUpTo(far, sent.length + 1), sent);
  assertEquals(await isOver(near), true);
  await over;
  for (const socket of [near, far]) socket.close();
});
