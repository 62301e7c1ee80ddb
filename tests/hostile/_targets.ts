/** The four kinds of port as the fuzzer sees them: how to get in, and how a side that behaves is served meanwhile. */
import { assert, assertEquals } from "@std/assert";
import { decodeBody, encodeBody } from "../../gmp/frames/body.ts";
import { Channel } from "../../gmp/channel/channel.ts";
import { LARGE_REPLY_CAPS } from "../../gmp/frames/frame.ts";
import type { Audience } from "../../gmp/handshake/identity.ts";
import { SECRET_KEY_NAME, ticketName } from "../../gmp/handshake/keys.ts";
import { OPERATIONS } from "../../gmp/messages/operations.ts";
import { dial } from "../../gmp/ports/tcp.ts";
import { ExecutorPool } from "../../gvm/executors/executor_pool.ts";
import { GhostNode } from "../../gvm/node/ghost_node.ts";
import { checkLimits } from "../../gvm/engine/execution_limits.ts";
import type { WireFrame } from "../gmp/_wire.ts";
import { Caller, childrenOf, TestModules } from "../gvm/harness.ts";
import { connectNode, getBytes, type TestNode } from "../gpmd/_node.ts";
import { sha256 } from "../gpmd/_modules.ts";
import type { TestDaemon } from "../tools/daemon_process.ts";
import type { PortKind } from "./_conversation.ts";
import { exampleModule, startNetwork, startNode } from "./_network.ts";

/** What a handshake is made with. */
export interface Credentials {
  readonly keyName: string;
  readonly key: Uint8Array;
}

/** A port under attack. */
export interface Target extends AsyncDisposable {
  readonly kind: PortKind;
  /** Its number. */
  readonly port: number;
  /** The process that serves it. */
  readonly pid: number;
  /** Who serves it. */
  readonly audience: Audience;
  /** The daemon, where it is one. */
  readonly daemon?: TestDaemon;
  /** What one connection of `lane` gets in with; each lane has one connection at a time, at a front door any number. */
  credentials(lane: number): Promise<Credentials>;
  /** `frame` as `lane` would have sent it. */
  adapt(frame: WireFrame, lane: number): WireFrame;
  /** Does what a client that behaves does: one that came before the attack, and one that comes now. */
  serve(): Promise<void>;
}

/** Starts a target of that kind, for attackers that come in `lanes` at once. */
export function startTarget(kind: PortKind, lanes: number): Promise<Target> {
  switch (kind) {
    case "command":
      return commandTarget();
    case "gmp":
      return gmpTarget();
    case "front-door":
      return frontDoorTarget(lanes);
    case "executor":
      return executorTarget();
  }
}

/** `frame` with its body changed when it asks for `operation` and has a body. */
function rewritten(frame: WireFrame, operation: number, change: Record<string, unknown>): WireFrame {
  if (frame.operation !== operation) return frame;
  return { ...frame, payload: encodeBody({ ...decodeBody(frame.payload), ...change }) };
}

async function commandTarget(): Promise<Target> {
  const daemon = await startNetwork();
  const { settings, secret, pid } = daemon;
  const friend = await daemon.connect();
  const module = exampleModule("math");
  return {
    kind: "command",
    daemon,
    port: settings.commandPort,
    pid,
    audience: "gpmd/commands",
    credentials: () => Promise.resolve({ keyName: SECRET_KEY_NAME, key: secret }),
    adapt: (frame) => frame,
    async serve() {
      assertEquals((await friend.status()).pid, pid);
      await using gpmd = await daemon.connect();
      await gpmd.upload({ name: "served", version: "v1.0.0", module });
      assertEquals((await gpmd.info("served")).hash, await sha256(module));
      assert((await gpmd.list()).some(({ name }) => name === "served"));
      await gpmd.remove("served");
    },
    async [Symbol.asyncDispose]() {
      await friend.close();
      await daemon[Symbol.asyncDispose]();
    },
  };
}

async function gmpTarget(): Promise<Target> {
  const daemon = await startNetwork();
  const { settings, secret, pid } = daemon;
  const friend = await connectNode(daemon);
  await friend.register("target");
  const hash = await sha256(exampleModule("greet"));
  let friends = 0;
  return {
    kind: "gmp",
    daemon,
    port: settings.gmpPort,
    pid,
    audience: "gpmd/nodes",
    credentials: () => Promise.resolve({ keyName: SECRET_KEY_NAME, key: secret }),
    adapt: (frame, lane) => rewritten(frame, OPERATIONS["node.register"], { name: `asker-${lane}` }),
    async serve() {
      await using node = await connectNode(daemon);
      // The end of the one before may be noticed later than this one comes: its name may still be taken.
      const name = `friend-${friends++}`;
      await node.register(name);
      const { names } = await node.channel.request("node.discover");
      assert((names as string[]).includes(name));
      const { ticket } = await node.channel.request("node.locate", { name: "target" });
      await noticed(friend, name, ticket as Uint8Array);
      const { reply, bytes } = await getBytes(node.channel, { name: "greet" });
      assertEquals([reply.hash, await sha256(bytes as Uint8Array<ArrayBuffer>)], [hash, hash]);
    },
    async [Symbol.asyncDispose]() {
      await friend[Symbol.asyncDispose]();
      await daemon[Symbol.asyncDispose]();
    },
  };
}

/** Waits for the notice about `name` with `ticket`, and reads those of attackers before it. */
async function noticed(node: TestNode, name: string, ticket: Uint8Array): Promise<void> {
  for (;;) {
    const notice = await node.notice();
    if (notice.name !== name || notice.notice !== "peer.expected") continue;
    return assertEquals(notice.ticket, ticket);
  }
}

async function frontDoorTarget(lanes: number): Promise<Target> {
  const daemon = await startNetwork();
  const target = await startNode(daemon, "target", "--executors=1");
  const { settings, secret } = daemon;
  const askers = await Promise.all(Array.from({ length: lanes }, async (_, lane) => {
    const id = crypto.randomUUID();
    const to = { hostname: "127.0.0.1", port: settings.gmpPort, keyName: SECRET_KEY_NAME, key: secret };
    const channel = new Channel(await dial({ ...to, audience: "gpmd/nodes", caps: LARGE_REPLY_CAPS }));
    await channel.request("node.register", { name: `recorder-${lane}`, id, port: 4000 });
    return { channel, id };
  }));
  const friend = await GhostNode.start({ ...settings, secret, name: "friend", executors: 1 });
  await friend.connect("target");
  const on = { on: "target" };
  const { id } = await askers[0]!.channel.request("node.locate", { name: "target" });
  let calls = 0;
  return {
    kind: "front-door",
    port: target.port,
    pid: target.pid,
    audience: `node/${id}`,
    async credentials(lane) {
      const { ticket } = await askers[lane % lanes]!.channel.request("node.locate", { name: "target" });
      return { keyName: await ticketName(ticket as Uint8Array), key: ticket as Uint8Array };
    },
    adapt: (frame, lane) =>
      rewritten(frame, OPERATIONS["peer.connect"], { name: `recorder-${lane}`, id: askers[lane]!.id }),
    async serve() {
      assertEquals(await friend.call("counter.next", [], on), ++calls);
      await using node = await GhostNode.start({ ...settings, secret, name: "newcomer", executors: 1 });
      await node.connect("target");
      assertEquals(await node.call("math.add", [1, 2], on), 3);
      await node.disconnect("target");
    },
    async [Symbol.asyncDispose]() {
      await friend.close();
      for (const { channel } of askers) await channel.close();
      await target[Symbol.asyncDispose]();
      await daemon[Symbol.asyncDispose]();
    },
  };
}

async function executorTarget(): Promise<Target> {
  const before = childrenOf(Deno.pid);
  const pool = new ExecutorPool({ size: 1, limits: checkLimits(), modules: new TestModules() });
  const friend = new Caller(pool);
  let calls = 0;
  await friend.client.connect();
  const [pid] = childrenOf(Deno.pid).filter((one) => !before.includes(one));
  const place = await pool.open({ role: "command" }, () => {}, { isOwn: true }).place();
  const hosted = new Map<number, ReturnType<ExecutorPool["open"]>>();
  return {
    kind: "executor",
    port: place.address.loopback,
    pid: pid!,
    audience: `executor/${place.executor}`,
    async credentials(lane) {
      hosted.get(lane)?.close();
      const session = pool.open({ role: "command" }, () => {}, { isOwn: true });
      hosted.set(lane, session);
      const { executor, ticket } = await session.place();
      assertEquals(executor, place.executor, "the executor was replaced");
      return { keyName: await ticketName(ticket), key: ticket };
    },
    adapt: (frame) => frame,
    async serve() {
      assertEquals(await friend.call("counter.next"), ++calls);
      const caller = new Caller(pool);
      assertEquals(await caller.call("math.add", [1, 2]), 3);
      assertEquals(await caller.run("greet", ["you"]).text(), "Hello, you!\n");
      caller.close();
    },
    async [Symbol.asyncDispose]() {
      friend.close();
      await pool.close();
    },
  };
}
