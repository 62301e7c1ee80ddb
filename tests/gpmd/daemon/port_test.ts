import { assert, assertEquals, assertRejects } from "@std/assert";
import { encodeBody } from "../../../gmp/frames/body.ts";
import { Channel } from "../../../gmp/channel/channel.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { Kind, PREFACE } from "../../../gmp/frames/frame.ts";
import { OPERATIONS } from "../../../gmp/messages/operations.ts";
import { writeBytes } from "../../../gmp/transports/transport.ts";
import { GpmdClient } from "../../../gpmd/client/client.ts";
import { MAX_COMMAND_CONNECTIONS } from "../../../gpmd/daemon/command_port.ts";
import { concat, frameBytes, Random } from "../../gmp/_wire.ts";
import { startDaemon } from "../../tools/daemon_process.ts";
import { startNarrowDaemon } from "../_narrow_daemon.ts";
import { connectNode, dialNode } from "../_node.ts";

/** All that comes until the other side closes. */
async function readAll(connection: Deno.TcpConn): Promise<Uint8Array> {
  try {
    return new Uint8Array(await new Response(connection.readable).arrayBuffer());
  } catch {
    return new Uint8Array(0); // closed with bytes of ours unread
  }
}

async function sendTo(port: number, bytes: Uint8Array): Promise<Uint8Array> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(bytes);
  return await readAll(connection);
}

Deno.test("both ports, attacked", async (t) => {
  await using daemon = await startDaemon();

  /** Runs `attack` on each port, then checks that a good node and a good command are served. */
  const attackBoth = async (attack: (port: number) => Promise<void>) => {
    await using before = await connectNode(daemon);
    await before.register("before");
    for (const port of [daemon.settings.commandPort, daemon.settings.gmpPort]) await attack(port);
    await using node = await connectNode(daemon);
    await node.register("after");
    assertEquals(await before.channel.request("node.discover"), { names: ["after", "before"] });
    await using gpmd = await daemon.connect();
    assertEquals((await gpmd.status()).nodes, 2);
  };

  await t.step("an HTTP request is closed without an answer, and good clients are served", async () => {
    const request = "POST /gpmd.kill HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n\r\n{}";
    await attackBoth(async (port) => {
      assertEquals((await sendTo(port, new TextEncoder().encode(request))).length, 0);
    });
  });

  await t.step("random bytes are closed without an answer, and good clients are served", async () => {
    const random = new Random(1);
    await attackBoth(async (port) => {
      for (let i = 0; i < 50; i++) {
        const bytes = random.bytes(4 + random.below(2000));
        if (bytes[0] === PREFACE[0]) bytes[0] = 0;
        assertEquals((await sendTo(port, bytes)).length, 0);
      }
    });
  });

  await t.step("random bytes after the preface get a challenge and an error, no more", async () => {
    const random = new Random(2);
    await attackBoth(async (port) => {
      for (let i = 0; i < 50; i++) {
        const answer = await sendTo(
          port,
          concat(PREFACE as Uint8Array, random.bytes(12 + random.below(2000))),
        );
        assert(answer.length <= 400, `${answer.length} bytes of an answer`);
      }
    });
  });

  await t.step("connections that say nothing do not keep anybody out, and are counted", async () => {
    const silent: Deno.TcpConn[] = [];
    await attackBoth(async (port) => {
      for (let i = 0; i < 300; i++) silent.push(await Deno.connect({ hostname: "127.0.0.1", port }));
      await using gpmd = await daemon.connect();
      const { connections } = await gpmd.status();
      assert(connections.waiting >= 300);
    });
    for (const connection of silent) connection.close();
  });

  await t.step("without the secret no operation of either port is answered", async () => {
    await attackBoth(async (port) => {
      for (const operation of Object.values(OPERATIONS)) {
        const request = frameBytes(Kind.REQUEST, { operation, id: 1, payload: encodeBody({ name: "x" }) });
        const connection = await Deno.connect({ hostname: "127.0.0.1", port });
        await connection.write(concat(PREFACE as Uint8Array, request));
        const answer = await readAll(connection);
        assert(!new TextDecoder().decode(answer).includes("names"));
        assert(answer.length < 400);
      }
    });
  });

  await t.step(
    "a frame larger than its kind may be ends an authenticated connection with PAYLOAD_TOO_LARGE",
    async () => {
      const { transport, decoder } = await dialNode(daemon);
      await writeBytes(transport, frameBytes(Kind.REQUEST, { operation: 1, id: 1, length: 0xffff_ffff }));
      const error = await new Channel({ transport, decoder }).closed;
      assertEquals(error?.code, "PAYLOAD_TOO_LARGE");
      await using node = await connectNode(daemon);
      assert(await node.register("node-1") > 0);
    },
  );

  await t.step("operations of one port are not known at the other", async () => {
    await using node = await connectNode(daemon);
    for (
      const operation of ["gpmd.kill", "gpmd.status", "module.put", "module.remove", "peer.connect"] as const
    ) {
      const error = await assertRejects(() => node.channel.request(operation), GhostError);
      assertEquals(error.code, "UNKNOWN_OPERATION", operation);
    }
  });
});

Deno.test("beyond the greatest number of commands at once the next is told so, until one has left", async () => {
  await using daemon = await startDaemon();
  const clients = [];
  for (let i = 0; i < MAX_COMMAND_CONNECTIONS; i++) clients.push(await daemon.connect());
  const tooMany = await daemon.connect();
  assertEquals((await assertRejects(() => tooMany.status(), GhostError)).code, "TOO_MANY_CONNECTIONS");
  await tooMany.close();
  const { connections: { command } } = await clients[0]!.status();
  assertEquals([command.open, command.refused], [MAX_COMMAND_CONNECTIONS, 1]);
  await Promise.all(clients.slice(1).map((client) => client.close()));
  // The first hears of the others' end before its own next answer.
  await clients[0]!.status();
  await using gpmd = await daemon.connect();
  assertEquals((await gpmd.status()).pid, daemon.pid);
  await clients[0]!.close();
});

Deno.test({
  name: "a daemon that is out of descriptors serves who behaves before who says nothing",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using daemon = await startNarrowDaemon(120);
    const { settings } = daemon;
    const silent: Deno.TcpConn[] = [];
    for (let i = 0; i < 300; i++) {
      silent.push(await Deno.connect({ hostname: "127.0.0.1", port: settings.gmpPort }));
    }
    for (let i = 0; i < 3; i++) {
      await using gpmd = await GpmdClient.connect(settings);
      const { connections } = await gpmd.status();
      assert(connections.waiting < 120 && connections.waiting + connections.evicted > 0);
    }
    for (const connection of silent) connection.close();
  },
});
