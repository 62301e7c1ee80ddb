/** Whoever knocks without a key, at every port of a network: nothing is said, nothing is learnt, everything goes on. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { childrenOf } from "../gvm/harness.ts";
import { GvmProcess, within } from "../tools/commands.ts";
import { startDaemon } from "../tools/daemon_process.ts";
import { readModule } from "../tools/network.ts";

/** The ports on 127.0.0.1 at which `pid` listens, as the kernel tells (proc(5), `/proc/net/tcp`). */
function listeningPorts(pid: number): number[] {
  const sockets = new Set<string>();
  for (const { name } of Deno.readDirSync(`/proc/${pid}/fd`)) {
    const inode = /^socket:\[(\d+)\]$/.exec(readLink(`/proc/${pid}/fd/${name}`))?.[1];
    if (inode !== undefined) sockets.add(inode);
  }
  const LISTEN = "0A";
  return Deno.readTextFileSync(`/proc/${pid}/net/tcp`).split("\n").slice(1).flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    if (fields[3] !== LISTEN || !sockets.has(fields[9]!)) return [];
    const [address, port] = fields[1]!.split(":");
    assertEquals(address, "0100007F", "it listens on 127.0.0.1 alone");
    return [parseInt(port!, 16)];
  });
}

function readLink(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return ""; // closed in the meantime
  }
}

/** Everything that the other side says until it closes or resets. */
async function answerOf(connection: Deno.TcpConn): Promise<number> {
  let count = 0;
  for (;;) {
    const read = await connection.read(new Uint8Array(1024)).catch((error) => {
      if (error instanceof Deno.errors.ConnectionReset) return null;
      throw error;
    });
    if (read === null) return count;
    count += read;
  }
}

const STRANGERS: Record<string, Uint8Array<ArrayBuffer>> = {
  HTTP: new TextEncoder().encode("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
  TLS: Uint8Array.fromHex("16030100c8010000c40303").slice(),
  zeros: new Uint8Array(4096),
  random: crypto.getRandomValues(new Uint8Array(4096)).fill(1, 0, 1),
  silence: new Uint8Array(0),
};

Deno.test("strangers, and the end of the network at which they knocked", async (t) => {
  const before = childrenOf(Deno.pid);
  let ports: number[] = [];
  {
    await using daemon = await startDaemon();
    await using gpmd = await daemon.connect();
    await gpmd.upload({ name: "math", version: "v0.0.1", module: readModule("math") });
    await using here = await GvmProcess.start(daemon.env, "here");
    await using there = await GvmProcess.start(daemon.env, "there");
    await here.ask("Node.connect(there)");
    const processes = () => [daemon.pid, here.pid, ...here.executors(), there.pid, ...there.executors()];
    // Two of the daemon, two front doors, an executor each for the peer; then one for the local calls.
    assertEquals(processes().flatMap(listeningPorts).length, 6);
    await here.ask("math.sub(3,1)");
    const pids = processes();
    ports = pids.flatMap(listeningPorts);
    assertEquals(ports.length, 7);

    await t.step(
      "HTTP, TLS, random bytes and silence are closed without an answer, at every port",
      async () => {
        await Promise.all(ports.flatMap((port) =>
          Object.entries(STRANGERS).map(async ([what, bytes]) => {
            const start = performance.now();
            using connection = await Deno.connect({ hostname: "127.0.0.1", port });
            if (bytes.length > 0) await connection.write(bytes);
            assertEquals(
              await within(10_000, `The end of ${what}`, answerOf(connection)),
              0,
              `${what} at ${port}`,
            );
            const time = performance.now() - start;
            if (what === "silence") assert(time > 4000, `It was given up after ${time} ms`);
            else assert(time < 4000, `${what} was given up after ${time} ms`);
          })
        ));

        assertEquals((await here.ask("Node.run(there, math.sub(5,1))", 2))[1], "4");
        assertEquals(await there.ask("Node.discover()"), ["here,there"]);
        assertEquals(pids.flatMap(listeningPorts), ports);
        assertEquals((await gpmd.status()).connections.gmp.open, 2);
      },
    );
  }
  await t.step("when all is over no process and no port is left", async () => {
    assertEquals(childrenOf(Deno.pid), before);
    for (const port of ports) {
      await assertRejects(
        () => Deno.connect({ hostname: "127.0.0.1", port }),
        Deno.errors.ConnectionRefused,
      );
    }
  });
});
