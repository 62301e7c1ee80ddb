/**
 * Records what real clients send to each kind of port, for the fuzzer to mutate: `deno task fuzz record`. To be repeated
 * when the protocol changes; `fuzz_test.ts` notices when it must be.
 */
import { FrameDecoder } from "../../gmp/frames/decoder.ts";
import { Kind, LARGE_REPLY_CAPS, PREFACE } from "../../gmp/frames/frame.ts";
import { SECRET_KEY_NAME } from "../../gmp/handshake/keys.ts";
import { Channel } from "../../gmp/channel/channel.ts";
import { dial } from "../../gmp/ports/tcp.ts";
import { GhostNode } from "../../gvm/node/ghost_node.ts";
import { ANY_CAPS, concat, framesIn, type WireFrame } from "../gmp/_wire.ts";
import type { TestDaemon } from "../tools/daemon_process.ts";
import { eventually } from "../tools/commands.ts";
import { type PortKind, writeRecording } from "./_conversation.ts";
import { exampleModule, type NodeProcess, startNetwork, startNode } from "./_network.ts";
import { Caller, childrenOf, isRunning, TestModules } from "../gvm/harness.ts";
import type { Resource } from "../../gvm/calls/resource.ts";
import { ExecutorPool } from "../../gvm/executors/executor_pool.ts";
import { checkLimits } from "../../gvm/engine/execution_limits.ts";

/** Writes of one connection, and the port it was made to. */
interface Recorded {
  readonly port: number;
  readonly writes: Uint8Array[];
}

/** Connections that are made while `steps` run, with the bytes that were written to them. */
async function recordDials(steps: () => Promise<void>): Promise<Recorded[]> {
  const recorded: Recorded[] = [];
  const connect = Deno.connect;
  const recording = async (options: Deno.ConnectOptions): Promise<Deno.TcpConn> => {
    const connection = await connect(options);
    const writes: Uint8Array[] = [];
    recorded.push({ port: options.port, writes });
    const write = connection.write.bind(connection);
    connection.write = (bytes) => {
      writes.push(bytes.slice());
      return write(bytes);
    };
    return connection;
  };
  Deno.connect = recording as typeof Deno.connect;
  try {
    await steps();
  } finally {
    Deno.connect = connect;
  }
  return recorded;
}

/** The frames behind the preface and the PROOF; PINGs and PONGs come at any time and say nothing. */
function framesOf({ writes }: Recorded): WireFrame[] {
  const bytes = concat(...writes).subarray(PREFACE.length);
  return framesIn(new FrameDecoder([...ANY_CAPS].fill(1 << 21, 1), false), bytes).filter(({ kind }) =>
    kind !== Kind.PROOF && kind !== Kind.PING && kind !== Kind.PONG
  );
}

function save(kind: PortKind, recorded: readonly Recorded[]): void {
  const conversations = recorded.map(framesOf).filter((frames) => frames.length > 1);
  writeRecording(kind, conversations);
  console.log(`${kind}: ${conversations.length} conversations, ${conversations.flat().length} frames`);
}

/** All that `gpmd` does with a daemon, but stopping it. */
async function useCommands(daemon: TestDaemon): Promise<void> {
  await using gpmd = await daemon.connect();
  await gpmd.status();
  await gpmd.nodes();
  const module = exampleModule("counter");
  await gpmd.upload({ name: "uploaded", version: "v1.0.0", module });
  await gpmd.upload({ name: "uploaded", version: "v1.0.0", module });
  await gpmd.list();
  await gpmd.info("uploaded", "v1.0.0");
  await gpmd.info("math");
  await gpmd.remove("uploaded", "v1.0.0");
  await gpmd.remove("nothing").catch(() => {});
}

/** What a node asks its GPMD, the forms that GhostNode does not use too. */
async function useGpmd({ settings, secret: key }: TestDaemon): Promise<void> {
  const to = { hostname: "127.0.0.1", port: settings.gmpPort, keyName: SECRET_KEY_NAME, key };
  const channel = new Channel(await dial({ ...to, audience: "gpmd/nodes", caps: LARGE_REPLY_CAPS }));
  await channel.request("node.register", { name: "asker", id: crypto.randomUUID(), port: 4000 });
  await channel.request("node.discover");
  await channel.request("node.locate", { name: "target" });
  await channel.request("module.list");
  const { hash } = await channel.request("module.get", { name: "math", version: "v1.0.0" });
  await channel.request("module.get", { name: "greet", encoding: "bytes" });
  await channel.request("module.get", { name: "math", ifNoneMatch: hash });
  await channel.request("node.locate", { name: "nobody" }).catch(() => {});
  await channel.close();
}

/** A node that connects to `target`, calls it and is called, loses its executor there, cancels. */
async function useNode({ settings, secret }: TestDaemon, target: NodeProcess): Promise<void> {
  const limits = { time: 200 };
  await using node = await GhostNode.start({ ...settings, secret, name: "recorder", limits, executors: 1 });
  await node.connect(target.name);
  const on = target.name;
  await node.call("math.add", [1, 2], { on });
  // The other way: a call that this node ends with its executor, and tells.
  const before = childrenOf(Deno.pid);
  await target.type(`Node.run(recorder, counter.spin())`);
  await eventually("the end of that call", () => before.some((pid) => !isRunning(pid)));
  await node.call("counter.spin", [], { on, signal: AbortSignal.timeout(100) }).catch(() => {});
  for (const pid of target.executors()) Deno.kill(pid, "SIGKILL");
  await node.call("counter.next", [], { on }).catch(() => node.call("counter.next", [], { on }));
  await node.disconnect(on);
}

/** All that a session does: calls of every type, runs with input and files. */
async function useExecutor(pool: ExecutorPool): Promise<void> {
  const caller = new Caller(pool);
  await caller.call("math.add", [1, 2]);
  for (let i = 0; i < 3; i++) await caller.call("counter.next");
  await caller.call("counter.reverse", [1, 2n, 0.5, 0.25]);
  await caller.call("counter.divmod", [7, 0]).catch(() => {});
  await caller.client.reset({ module: "counter" });
  await caller.call("counter.nothing").catch(() => {});
  await caller.run("math").text();
  await caller.run("greet", ["a", "b c"]).text();
  await caller.run("greet", ["-"], { stdin: "one\ntwo\n" }).text();
  const modifiedAt = 1_700_000_000_000_000_000n;
  await caller.client.loadFiles("/data", [
    { path: "dir", type: "directory", modifiedAt },
    { path: "dir/file", type: "file", modifiedAt, bytes: new TextEncoder().encode("contents") },
    { path: "dir/link", type: "link", modifiedAt, target: "file" },
  ]);
  await caller.client.run({ module: "greet", argv: ["x"], env: { NAME: "value" }, directories: ["/data"] })
    .then(({ exitCode }) => exitCode);
  await caller.client.fileChanges("/data");
  caller.close();
}

/** All that a session does with a component: values of many types, an error that is returned, resources. */
async function useComponent(pool: ExecutorPool): Promise<void> {
  const caller = new Caller(pool);
  const call = (name: string, ...args: unknown[]) => caller.call(`greeter.${name}`, args);
  await call("greet", "Ada");
  const ada = { name: "Ada", age: 36, email: "a@b.c", tags: ["x", "yz"], balance: 12.5 };
  await call("birthday", ada);
  await call("area", { tag: "rect", val: [2, 3] });
  await call("area", { tag: "empty" }).catch(() => {});
  await call("size", new Uint8Array(100).fill(7));
  await call("sum", Uint32Array.of(1, 2, 3));
  const counters: Resource[] = [];
  for (let i = 0; i < 3; i++) counters.push(await call("[constructor]counter", i) as Resource);
  await call("[method]counter.next", counters[0]);
  await call("[static]counter.merge", counters[0], counters[1]);
  await counters[2]!.drop();
  caller.close();
}

/** Streams and futures both ways, read to the end and left. */
async function useStreams(pool: ExecutorPool): Promise<void> {
  const caller = new Caller(pool);
  const call = async (name: string, ...args: unknown[]): Promise<unknown> =>
    await caller.call(`flows.${name}`, args);
  await Array.fromAsync(await call("count", 3) as ReadableStream);
  await Array.fromAsync(await call("echo", ["one", "two", new Uint8Array(3000)]) as ReadableStream);
  await Array.fromAsync(await call("words", ["one", "two"]) as ReadableStream);
  await call("double", Promise.resolve(21));
  await call("describe", 2);
  const zeros = (await call("zeros") as ReadableStream).getReader();
  await zeros.read();
  await zeros.cancel();
  await call("refuse", ["x"]);
  async function* dry() {
    yield "x";
    throw new Error("the source is dry");
  }
  await Array.fromAsync(await call("echo", dry()) as ReadableStream).catch(() => {});
  caller.close();
}

/** Records at all four kinds of port. */
export async function record(): Promise<void> {
  await using daemon = await startNetwork();
  await using target = await startNode(daemon, "target", "--timeout", "2000");
  save("command", await recordDials(() => useCommands(daemon)));
  save("gmp", await recordDials(() => useGpmd(daemon)));
  const dials = await recordDials(() => useNode(daemon, target));
  save("front-door", dials.filter(({ port }) => port === target.port));
  const pool = new ExecutorPool({ size: 1, limits: checkLimits(), modules: new TestModules() });
  // The control connection to the executor is the node's own.
  const used = async () => {
    await useExecutor(pool);
    await useComponent(pool);
    await useStreams(pool);
  };
  save("executor", (await recordDials(used)).slice(1));
  await pool.close();
}

if (import.meta.main) await record();
