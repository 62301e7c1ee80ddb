/** Four nodes, each a process of its own, that call, run, connect, disconnect, upload, trap and time out for a while. */
import { childrenOf, isRunning } from "../gvm/harness.ts";
import { eventually } from "../tools/commands.ts";
import { startDaemon } from "../tools/daemon_process.ts";
import { bundleFlags } from "../tools/entries.ts";
import { readModule } from "../tools/network.ts";
import { figuresOf, look, type ProcessFigures, type Sample } from "./_measure.ts";
import type { SoakReport } from "./_node.ts";

const NAMES = ["node-0", "node-1", "node-2", "node-3"];
const NODE = new URL("./_node.ts", import.meta.url).pathname;
/** Milliseconds between two looks at the processes. */
const LOOK_TIME = 500;

/** What came of a soak. */
export interface SoakFigures {
  readonly minutes: number;
  readonly done: Record<string, number>;
  readonly hindered: Record<string, number>;
  readonly wrong: string[];
  readonly processes: ProcessFigures[];
  /** Executors at the start and at the end. */
  readonly executors: readonly [start: number, end: number];
  /** Processes that are left when all should have ended. */
  readonly left: number;
}

/** A node's process. */
interface SoakNode {
  readonly name: string;
  readonly child: Deno.ChildProcess;
  readonly input: WritableStreamDefaultWriter<Uint8Array>;
  readonly lines: AsyncGenerator<string, void, void>;
}

/** Soaks for that many minutes. */
export async function soak(minutes: number): Promise<SoakFigures> {
  const daemon = await startDaemon();
  const gpmd = await daemon.connect();
  for (const name of ["math", "greet", "counter", "waits"]) {
    await gpmd.upload({ name, version: "v1.0.0", module: readModule(name) });
  }
  await gpmd.close();
  const nodes = await Promise.all(NAMES.map((name) => startNode(name, daemon.env)));
  const executors = () => nodes.flatMap(({ child }) => childrenOf(child.pid));
  const executorsBefore = executors();
  const watched = new Map<number, { name: string; samples: Sample[] }>();
  const watch = (name: string, pid: number) => watched.set(pid, { name, samples: [] });
  watch("gpmd", daemon.pid);
  for (const { name, child } of nodes) watch(name, child.pid);
  // Those of local calls live as long as their nodes, unless a call has to be ended by killing them.
  nodes.forEach(({ name }, i) => watch(`executor of ${name}`, executorsBefore[i]!));

  const lookAll = () => {
    for (const [pid, { samples }] of watched) {
      const sample = look(pid);
      if (sample !== undefined) samples.push(sample);
    }
  };
  const end = performance.now() + minutes * 60_000;
  lookAll();
  await Promise.all(nodes.map(({ input }) => input.write(LINE)));
  while (performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_TIME));
    lookAll();
  }
  await Promise.all(nodes.map(({ input }) => input.write(LINE)));
  const reports = await Promise.all(nodes.map(({ lines }) => readReport(lines)));
  await eventually("the end of the executors of peers", () => executors().length <= executorsBefore.length);
  lookAll();

  const processes = [...watched.values()].map(({ name, samples }) => figuresOf(name, samples));
  const executorsAfter = executors();
  await Promise.all(nodes.map(({ input }) => input.close()));
  const statuses = await Promise.all(nodes.map(({ child }) => child.status));
  await Promise.all(nodes.map(({ lines }) => lines.return()));
  await daemon[Symbol.asyncDispose]();
  const all = [daemon.pid, ...nodes.map(({ child }) => child.pid), ...executorsBefore, ...executorsAfter];
  const failed = statuses.flatMap(({ code }, i) => code === 0 ? [] : [`${NAMES[i]} exited with ${code}`]);
  return {
    minutes,
    ...merge(reports),
    wrong: [...reports.flatMap(({ wrong }) => wrong), ...failed],
    processes,
    executors: [executorsBefore.length, executorsAfter.length],
    left: all.filter(isRunning).length,
  };
}

const LINE = new TextEncoder().encode("\n");

async function startNode(name: string, env: Readonly<Record<string, string>>): Promise<SoakNode> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "-A", ...bundleFlags(), NODE, name, ...NAMES],
    env,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const lines = readLines(child.stdout);
  await lines.next();
  return { name, child, input: child.stdin.getWriter(), lines };
}

async function readReport(lines: AsyncIterator<string, void>): Promise<SoakReport> {
  const { done, value } = await lines.next();
  if (done) throw new Error("a node ended before it was told to");
  return JSON.parse(value) as SoakReport;
}

async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, void, void> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    const lines = (text + decoder.decode(chunk, { stream: true })).split("\n");
    text = lines.pop()!;
    yield* lines;
  }
}

function merge(reports: readonly SoakReport[]): Pick<SoakFigures, "done" | "hindered"> {
  const sum = (counts: Record<string, number>[]) => {
    const total: Record<string, number> = {};
    for (const [name, count] of counts.flatMap((one) => Object.entries(one))) {
      total[name] = (total[name] ?? 0) + count;
    }
    return total;
  };
  return {
    done: sum(reports.map(({ done }) => done)),
    hindered: sum(reports.map(({ hindered }) => hindered)),
  };
}
