import { assert, assertEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../../../gmp/errors.ts";
import type { PipeEnd } from "../../../../gpmd/link/pipes/pipe_end.ts";
import { Pipes } from "../../../../gpmd/link/pipes/pipes.ts";
import { EchoServer, endAndSocket, isOver, readUpTo, writeAll } from "./_sockets.ts";

function dial(port: number): Promise<Deno.TcpConn> {
  return Deno.connect({ hostname: "127.0.0.1", port });
}

/** The links of two devices with TCP between them: laptop opens, pi serves. */
class TwoLinks implements AsyncDisposable {
  readonly laptop = new Pipes();
  readonly pi = new Pipes({ token: 100 });
  /** Pipes that pi serves. */
  readonly served: Promise<void>[] = [];

  /** Opens a pipe that begins with `start`. */
  async reach(start: Uint8Array): Promise<PipeEnd> {
    const [end, socket] = await endAndSocket();
    // The other side's end of the same connection.
    const [far, bridge] = await endAndSocket();
    this.served.push(this.pi.serve("laptop", far));
    Promise.all([socket.readable.pipeTo(bridge.writable), bridge.readable.pipeTo(socket.writable)]).catch(
      () => {},
    );
    end.send(start);
    return end;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.laptop.close();
    this.pi.close();
    await Promise.all(this.served);
  }
}

Deno.test("a port leads through both links to what the other device has offered, and the count follows", async () => {
  await using echo = await EchoServer.open();
  await using links = new TwoLinks();
  const { laptop, pi } = links;
  const token = pi.offer("laptop", echo.port);
  const port = await laptop.openOnce("pi", () => links.reach(token));
  assertEquals([laptop.count("pi"), pi.count("laptop")], [1, 0]);
  using connection = await dial(port);
  await writeAll(connection, Uint8Array.of(1, 2, 3));
  assertEquals(await readUpTo(connection, 3), Uint8Array.of(1, 2, 3));
  assertEquals([laptop.count("pi"), pi.count("laptop")], [1, 1]);
  await connection.closeWrite();
  assert(await isOver(connection));
  await Promise.all(links.served);
  assertEquals(pi.count("laptop"), 0);
});

Deno.test("what comes together with the token is passed on", async () => {
  await using echo = await EchoServer.open();
  await using links = new TwoLinks();
  const token = links.pi.offer("laptop", echo.port);
  const port = await links.laptop.openOnce("pi", () => links.reach(Uint8Array.of(...token, 7, 8)));
  using connection = await dial(port);
  assertEquals(await readUpTo(connection, 2), Uint8Array.of(7, 8));
});

Deno.test("an unknown, used or foreign token, or none, is closed alike, and nobody is dialled", async () => {
  await using echo = await EchoServer.open();
  await using links = new TwoLinks();
  const { laptop, pi } = links;
  const used = pi.offer("laptop", echo.port);
  using first = await dial(await laptop.openOnce("pi", () => links.reach(used)));
  await writeAll(first, Uint8Array.of(1));
  await readUpTo(first, 1);
  const none = new Uint8Array(0);
  for (const start of [used, pi.offer("nas", echo.port), new Uint8Array(16), none, Uint8Array.of(1)]) {
    using connection = await dial(await laptop.openOnce("pi", () => links.reach(start)));
    assertEquals(await readUpTo(connection, 1), none);
  }
  assertEquals(echo.connections, 1);
});

Deno.test("an offer of a port where nothing listens any more ends the pipe", async () => {
  await using links = new TwoLinks();
  const echo = await EchoServer.open();
  const token = links.pi.offer("laptop", echo.port);
  await echo[Symbol.asyncDispose]();
  using connection = await dial(await links.laptop.openOnce("pi", () => links.reach(token)));
  assert(await isOver(connection));
  await Promise.all(links.served);
});

Deno.test("a device that cannot be reached closes the connection that wanted it", async () => {
  const pipes = new Pipes();
  const port = await pipes.openOnce("pi", () => Promise.reject(new GhostError("DEVICE_UNREACHABLE")));
  using connection = await dial(port);
  assert(await isOver(connection));
  assertEquals(pipes.count("pi"), 0);
});

Deno.test("the pipes of a device that is removed end at once, with its ports and offers; others go on", async () => {
  await using echo = await EchoServer.open();
  await using links = new TwoLinks();
  const { laptop, pi } = links;
  const open = async (device: string) => {
    const token = pi.offer("laptop", echo.port);
    const connection = await dial(await laptop.openOnce(device, () => links.reach(token)));
    await writeAll(connection, Uint8Array.of(1));
    await readUpTo(connection, 1);
    return connection;
  };
  using one = await open("pi");
  using other = await open("nas");
  const waiting = await laptop.openOnce("pi", () => links.reach(new Uint8Array(16)));
  assertEquals(laptop.count("pi"), 2);
  laptop.closeDevice("pi");
  assert(await isOver(one));
  await assertRejects(() => dial(waiting), Deno.errors.ConnectionRefused);
  await writeAll(other, Uint8Array.of(5));
  assertEquals(await readUpTo(other, 1), Uint8Array.of(5));
  assertEquals([laptop.count("pi"), laptop.count("nas")], [0, 1]);
});

Deno.test("a device has 1024 pipes at most, those that are being opened among them", async () => {
  await using links = new TwoLinks();
  const { laptop, pi } = links;
  const ends: Deno.TcpConn[] = [];
  for (let i = 0; i < 1024; i++) {
    const [end, socket] = await endAndSocket();
    ends.push(socket);
    links.served.push(laptop.serve("pi", end));
  }
  const error = await assertRejects(
    () => laptop.openOnce("pi", () => links.reach(new Uint8Array(16))),
    GhostError,
  );
  assertEquals(error.code, "TOO_MANY_CONNECTIONS");
  const [end, socket] = await endAndSocket();
  await laptop.serve("pi", end);
  assert(await isOver(socket));
  assertEquals([laptop.count("pi"), laptop.count("nas"), pi.count("laptop")], [1024, 0, 0]);
  laptop.closeDevice("pi");
  for (const connection of [...ends, socket]) connection.close();
});

Deno.test("two ends that are joined are a pipe of their device: counted, ended with it, and never half open", async () => {
  const pipes = new Pipes();
  using sockets = new DisposableStack();
  const ends = async () => {
    const [[near, here], [far, there]] = await Promise.all([endAndSocket(), endAndSocket()]);
    for (const socket of [here, there]) sockets.use(socket);
    const open = () => Promise.resolve(near);
    return { open, reach: () => Promise.resolve(far), here, there };
  };
  const joined = await ends();
  const { over } = await pipes.join("pi", joined.open, joined.reach);
  assertEquals(pipes.count("pi"), 1);
  await writeAll(joined.here, Uint8Array.of(1, 2));
  assertEquals(await readUpTo(joined.there, 2), Uint8Array.of(1, 2));
  pipes.closeDevice("pi");
  await over;
  assert(await isOver(joined.here) && await isOver(joined.there));
  // Whoever asked for it has gone before the other end was open.
  const late = await ends();
  const asking = new AbortController();
  const opened = Promise.withResolvers<void>();
  const reach = () => opened.promise.then(late.reach);
  const joining = assertRejects(() => pipes.join("pi", late.open, reach, asking.signal), GhostError);
  asking.abort();
  opened.resolve();
  assertEquals((await joining).code, "CANCELLED");
  assert(await isOver(late.here) && await isOver(late.there));
  assertEquals(pipes.count("pi"), 0);
  pipes.close();
});
