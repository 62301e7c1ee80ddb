/** The other end of the floor: requests of as many bytes as a CALL has, one after the other. */
import { serveActions, timeInSequence } from "../agent.ts";
import { REQUEST_BYTES } from "./echo_server.ts";

let connection: Deno.TcpConn;
const request = new Uint8Array(REQUEST_BYTES);
const view = new DataView(request.buffer);
const buffer = new Uint8Array(1 << 16);

serveActions({
  connect: async (port) => {
    connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
    connection.setNoDelay(true);
  },
  sequence: (count, replyBytes) => {
    const size = Number(replyBytes);
    view.setUint32(0, size, true);
    return timeInSequence(count, async () => {
      await connection.write(request);
      for (let filled = 0; filled < size;) filled += await connection.read(buffer) ?? Infinity;
    });
  },
});
