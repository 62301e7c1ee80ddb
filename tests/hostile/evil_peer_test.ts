/** What a node that was called, or is connected, can do to the one that called it: each time another one, in one network. */
import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { GhostError } from "../../gmp/errors.ts";
import { Flag, Kind } from "../../gmp/frames/frame.ts";
import type { Channel } from "../../gmp/channel/channel.ts";
import { assertFails } from "../gvm/harness.ts";
import { Network } from "../tools/network.ts";
import { type EvilExecutor, EvilPeer, resolved } from "./_evil_peer.ts";

const MIB = 1 << 20;

/** Runs `steps` with a node called "victim" and an evil peer that is connected to it. */
async function withEvil(
  network: Network,
  executor: EvilExecutor,
  steps: (victim: Awaited<ReturnType<Network["node"]>>, evil: EvilPeer) => Promise<void>,
): Promise<void> {
  await using victim = await network.node("victim", { limits: { output: MIB } });
  await using evil = await EvilPeer.connect(network.daemon, "evil", "victim", executor);
  await steps(victim, evil);
  assertEquals(await victim.call("math.add", [1, 2]), 3);
}

const ON = { on: "evil" };

Deno.test("a node and the peers that attack it, in one network", async (t) => {
  await using network = await Network.start();
  await t.step("an error of the code CONNECTION_LOST that a peer answers is an answer", async () => {
    const refuse = (): never => {
      throw new GhostError("CONNECTION_LOST", "as if");
    };
    let resolves = 0;
    await withEvil(network, {
      handlers: { "function.resolve": () => resolves++ === 0 ? resolved() : refuse(), "module.run": refuse },
      call: (frame, channel) => channel.sendError(frame.id, new GhostError("CONNECTION_LOST", "as if")),
    }, async (victim, evil) => {
      const f = await victim.function("math.f", ON);
      for (const asked of [f(1), victim.run("math", [], ON).exitCode, victim.function("math.g", ON)]) {
        assertEquals((await assertFails("CONNECTION_LOST", asked)).message, "as if");
      }
      assertEquals([evil.accepted, victim.list()], [1, ["evil"]]);
    });
  });

  await t.step(
    "an executor that closes its connections is not dialled unasked, and less and less often when asked",
    async () => {
      await withEvil(network, { enter: (channel) => void channel.close() }, async (victim, evil) => {
        const began = performance.now();
        const calls: Promise<unknown>[] = [];
        while (performance.now() - began < 1500) {
          calls.push(assertFails("CONNECTION_LOST", victim.call("math.f", [1], ON)));
          await network.gpmd.status();
        }
        assertGreater(calls.length, 20);
        // Waits of 0, 100, 200, 400 and 800 ms.
        assertLess(evil.accepted, 10);
        await victim.disconnect("evil");
        await Promise.all(calls);
      });
    },
  );

  await t.step(
    "what a peer floods a run with is held up to the caller's own limit, and then the run is stopped",
    async () => {
      let sent = 0;
      const flood = async (id: number, channel: Channel) => {
        const bytes = new Uint8Array(MIB / 4).fill(65);
        while (channel.open && sent < 400 * MIB) {
          await channel.sendData(id, bytes, Flag.STDOUT);
          sent += bytes.length;
        }
      };
      await withEvil(network, {
        handlers: {
          "module.run": async ({ id, channel }) => {
            await flood(id, channel);
            return { exitCode: 0 };
          },
        },
      }, async (victim) => {
        const { rss } = Deno.memoryUsage();
        const run = victim.run("math", [], ON);
        const error = await assertFails("OUTPUT_LIMIT", run.exitCode);
        assert(error.message.startsWith("The run was stopped: more than"), error.message);
        assertLess(Deno.memoryUsage().rss - rss, 100 * MIB);
        // What was held can be read.
        let read = 0;
        for await (const { bytes } of run) read += bytes.length;
        assertEquals(read, MIB);
        sent = Infinity;
      });
    },
  );

  await t.step("call.stopped of calls that nobody made is not kept, and ends nothing", async () => {
    await withEvil(network, {
      handlers: { "function.resolve": () => resolved() },
      call: ({ id }, channel) => {
        const offset = channel.outbox.reserve(Kind.RESULT, 0, 0, id, 4);
        channel.outbox.view.setInt32(offset, 7, true);
      },
    }, async (victim, evil) => {
      const f = await victim.function("math.f", ON);
      assertEquals(await f(1), 7);
      const { heapUsed } = Deno.memoryUsage();
      const message = "m".repeat(3800);
      for (let id = 100; id < 20_000; id++) {
        evil.control.notify("call.stopped", { executor: evil.id, id, code: "CANCELLED", message });
        if (id % 100 === 0) await evil.control.outbox.drained(0);
      }
      assertEquals(await f(1), 7);
      assertEquals([evil.accepted, victim.list()], [1, ["evil"]]);
      assertLess(Deno.memoryUsage().heapUsed - heapUsed, 40 * MIB);
    });
  });

  await t.step("a storm of call.cancel while the executor computes does not gather", async () => {
    await withEvil(network, {}, async (victim, evil) => {
      const place = await evil.control.request("executor.open", {});
      const looping = victim.run("program", ["loop"]);
      const failed = looping.exitCode.catch(() => {});
      const { rss } = Deno.memoryUsage();
      for (let id = 1; id < 20_000; id++) {
        evil.control.ask("call.cancel", { executor: place.executor, id }).reply.catch(() => {});
        if (id % 500 === 0) await evil.control.request("call.cancel", { executor: "none", id });
      }
      assertLess(Deno.memoryUsage().rss - rss, 100 * MIB);
      await victim.close();
      await failed;
    }).catch((error) => assert(error instanceof GhostError && error.code === "CANCELLED", String(error)));
  });
});
