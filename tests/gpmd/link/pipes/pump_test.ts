import { pump } from "../../../../gpmd/link/pipes/pump.ts";
import { WebEnd } from "../../../../gpmd/link/pipes/web_end.ts";
import { endAndSocket, tcpPair } from "./_sockets.ts";
import { pumpSuite } from "./_pump_suite.ts";

pumpSuite("two sockets", async () => {
  const [[one, near], [other, far]] = await Promise.all([endAndSocket(), endAndSocket()]);
  return { sockets: [near, far], over: pump(one, other) };
});

/** Streams of the web over `connection`. Deno's own of a connection end both directions with the first. */
function webEnd(connection: Deno.TcpConn): WebEnd {
  const abort = () => {
    try {
      connection.close();
    } catch { /* it was closed already */ }
  };
  const readable = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const buffer = new Uint8Array(1 << 16);
      const count = await connection.read(buffer);
      if (count === null) controller.close();
      else controller.enqueue(buffer.subarray(0, count));
    },
  }, { highWaterMark: 0 });
  const writable = new WritableStream<Uint8Array>({
    write: async (chunk) => {
      for (let count = 0; count < chunk.length;) count += await connection.write(chunk.subarray(count));
    },
    close: () => connection.closeWrite(),
  });
  const close = () => {
    abort();
    return Promise.resolve();
  };
  return new WebEnd({ readable, writable, close, abort });
}

pumpSuite("a socket and streams of the web", async () => {
  const [[one, near], [dialled, far]] = await Promise.all([endAndSocket(), tcpPair()]);
  return { sockets: [near, far], over: pump(one, webEnd(dialled)) };
});
