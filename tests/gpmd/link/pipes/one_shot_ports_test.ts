import { assert, assertEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../../../gmp/errors.ts";
import { OneShotPorts } from "../../../../gpmd/link/pipes/one_shot_ports.ts";
import type { PipeEnd } from "../../../../gpmd/link/pipes/pipe_end.ts";
import { isOver, readUpTo } from "./_sockets.ts";

const unexpected = () => {
  throw new Error("This was not to happen");
};

function dial(port: number): Promise<Deno.TcpConn> {
  return Deno.connect({ hostname: "127.0.0.1", port });
}

Deno.test("a port serves the first connection, and then nothing listens any more", async () => {
  const ports = new OneShotPorts();
  const taken = Promise.withResolvers<PipeEnd>();
  const { number } = await ports.open(taken.resolve, unexpected);
  assertEquals(ports.waiting, 1);
  using first = await dial(number);
  const end = await taken.promise;
  assertEquals(ports.waiting, 0);
  await assertRejects(() => dial(number), Deno.errors.ConnectionRefused);
  end.send(new TextEncoder().encode("hello"));
  end.end();
  assertEquals(new TextDecoder().decode(await readUpTo(first, 10)), "hello");
  end.abort();
});

Deno.test("of many that come at once one is served and the others are closed", async () => {
  const ports = new OneShotPorts();
  let taken = 0;
  const { number } = await ports.open((end) => {
    taken++;
    end.send(Uint8Array.of(1));
    end.end();
    end.resume();
  }, unexpected);
  const dialled = await Promise.allSettled(Array.from({ length: 20 }, () => dial(number)));
  const connections = dialled.filter((one) => one.status === "fulfilled").map(({ value }) => value);
  const served = await Promise.all(connections.map(async (one) => {
    const bytes = await readUpTo(one, 1).catch(() => new Uint8Array(0));
    one.close();
    return bytes.length;
  }));
  assertEquals([taken, served.reduce((sum, count) => sum + count, 0)], [1, 1]);
});

Deno.test("a port that nobody uses is closed in its time", async () => {
  const ports = new OneShotPorts(50);
  const unused = Promise.withResolvers<void>();
  const began = performance.now();
  const { number } = await ports.open(unexpected, unused.resolve);
  await unused.promise;
  assert(performance.now() - began >= 49);
  assertEquals(ports.waiting, 0);
  await assertRejects(() => dial(number), Deno.errors.ConnectionRefused);
});

Deno.test("a port may be given up, once", async () => {
  const ports = new OneShotPorts();
  let unused = 0;
  const port = await ports.open(unexpected, () => unused++);
  port.abort();
  port.abort();
  assertEquals([ports.waiting, unused], [0, 1]);
  await assertRejects(() => dial(port.number), Deno.errors.ConnectionRefused);
});

Deno.test("no more than 1024 wait, and closing ends them", async () => {
  const ports = new OneShotPorts();
  let unused = 0;
  const all = Array.from({ length: 1024 }, () => ports.open(unexpected, () => unused++));
  const error = await assertRejects(() => ports.open(unexpected, unexpected), GhostError);
  assertEquals(error.code, "TOO_MANY_CONNECTIONS");
  const [first] = await Promise.all(all);
  ports.close();
  assertEquals([ports.waiting, unused], [0, 1024]);
  await assertRejects(() => dial(first!.number), Deno.errors.ConnectionRefused);
});

Deno.test("a port that is given up while a connection waits in its queue closes that too", async () => {
  const ports = new OneShotPorts();
  const port = await ports.open(unexpected, () => {});
  const dialled = dial(port.number);
  port.abort();
  const [connection] = await Promise.allSettled([dialled]);
  if (connection.status === "fulfilled") {
    assert(await isOver(connection.value));
    connection.value.close();
  }
});
