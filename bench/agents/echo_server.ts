/**
 * One end of the floor: it answers each request of `REQUEST_BYTES` with as many bytes as its first four say, and does
 * nothing else. With `sink` it counts bytes instead.
 */
import { serveActions } from "../agent.ts";

/** Bytes of a request: those of a CALL with two i32. */
export const REQUEST_BYTES = 24;

async function echo(connection: Deno.TcpConn): Promise<void> {
  connection.setNoDelay(true);
  const buffer = new Uint8Array(1 << 16);
  const reply = new Uint8Array(1 << 16);
  const view = new DataView(buffer.buffer);
  while (await connection.read(buffer) !== null) {
    await connection.write(reply.subarray(0, view.getUint32(0, true)));
  }
  connection.close();
}

if (import.meta.main) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  serveActions({ port: () => Promise.resolve([listener.addr.port]) });
  for await (const connection of listener) echo(connection);
}
