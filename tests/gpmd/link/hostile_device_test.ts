// A paired device that means harm, at a real link of a real daemon: its own link is in this process.
import { assert, assertEquals } from "@std/assert";
import { request } from "../../../gmp/channel/messages.ts";
import type { GhostError } from "../../../gmp/errors.ts";
import type { ByteStream } from "../../../gpmd/link/engine/byte_stream.ts";
import { elapsed } from "../../gvm/harness.ts";
import { startDaemon, type TestDaemon } from "../../tools/daemon_process.ts";
import { connectNode } from "../_node.ts";
import { linkTest, startHost } from "./engine/_hosts.ts";
import { noneLeft, startLink } from "./_processes.ts";

/** Milliseconds after which GPMD ends a connection that does not answer its PINGs, which nobody does here. */
const SILENCE_TIME = 10_000;
/** Requests that one connection may have under way. */
const REQUEST_LIMIT = 1024;

type Host = Awaited<ReturnType<typeof startHost>>;

/** Runs `test` with a daemon whose link is paired with `device`, which is called `evil` there, and knows it as `victim`. */
async function withVictim(device: Host, test: (daemon: TestDaemon) => Promise<void>): Promise<void> {
  const daemon = await startDaemon();
  try {
    await startLink(daemon.settings);
    await using gpmd = await daemon.connect();
    const { code } = await gpmd.invite({ lifetime: 60_000 });
    await device.host.join(code, { name: "victim", as: "evil" });
    await device.happened("reachable", "victim");
    await test(daemon);
  } finally {
    await daemon[Symbol.asyncDispose]();
    await noneLeft(daemon.settings.home);
  }
}

/** Resolves when the other side has ended `pipe`, or broken it. */
async function over({ readable }: ByteStream): Promise<void> {
  const reader = readable.getReader();
  try {
    while (!(await reader.read()).done) { /* GPMD's PINGs */ }
  } catch {
    // it was cut
  }
}

linkTest("a device that takes questions and answers none keeps none of its link's open", async () => {
  const never = new Promise<never>(() => {});
  await using evil = await startHost("evil", {
    answer: () => ({ "node.discover": () => ({ names: ["node-1"] }), "link.locate": () => never }),
  });
  await withVictim(evil, async (daemon) => {
    await using node = await connectNode(daemon);
    await node.register("node-2");
    const late = AbortSignal.timeout(300);
    const options = { signal: late };
    const wanted = { name: "node-1", device: "evil" };
    const ask = () =>
      request(node.channel, "node.locate", wanted, options).catch((error: GhostError) => error.code);
    const codes = await Promise.all(Array.from({ length: REQUEST_LIMIT }, ask));
    assertEquals(codes, Array(REQUEST_LIMIT).fill("CANCELLED"));
    await using gpmd = await daemon.connect();
    assertEquals((await gpmd.devices()).map(({ name }) => name), ["evil"]);
  });
});

linkTest("what a device has open under its old name ends when it gets another", async () => {
  await using evil = await startHost("evil", { answer: () => ({ "node.discover": () => ({ names: [] }) }) });
  await withVictim(evil, async (daemon) => {
    const command = async () =>
      await evil.host.openPipe(
        "victim",
        (await request(evil.host.channel("victim"), "link.command", {})).pipe,
      );
    const pipe = await command();
    await using gpmd = await daemon.connect();
    await gpmd.renameDevice("evil", "old");
    assert(await elapsed(() => over(pipe)) < SILENCE_TIME / 2);
    // The same when it is paired anew, with whatever that grants.
    const again = await command();
    const { code } = await gpmd.invite({ lifetime: 60_000, grants: ["math"] });
    await evil.host.join(code, { name: "victim", as: "other" });
    assert(await elapsed(() => over(again)) < SILENCE_TIME / 2);
  });
});
