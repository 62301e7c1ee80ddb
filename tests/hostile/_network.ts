/** A network of real processes to attack: a daemon with modules, and nodes as `gvm` starts them. */
import { join } from "@std/path/join";
import { childrenOf, isRunning } from "../gvm/harness.ts";
import { startDaemon, type TestDaemon } from "../tools/daemon_process.ts";
import { entryOf } from "../tools/entries.ts";

/** The modules of every network, out of examples/. */
const MODULES = ["math", "greet", "counter"] as const;

/** The bytes of an example. */
export function exampleModule(name: typeof MODULES[number]): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(new URL(`../../examples/${name}/${name}.wasm`, import.meta.url));
}

/** A daemon that has the modules of {@linkcode MODULES}. */
export async function startNetwork(): Promise<TestDaemon> {
  const daemon = await startDaemon();
  await using gpmd = await daemon.connect();
  for (const name of MODULES) await gpmd.upload({ name, version: "v1.0.0", module: exampleModule(name) });
  return daemon;
}

/** A node in a process of its own. */
export interface NodeProcess extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  /** The port of its front door. */
  readonly port: number;
  /** Types a line at it. */
  type(line: string): Promise<void>;
  /** Its executors' processes. */
  executors(): number[];
}

/** Starts `gvm` as a user without a terminal does: it leaves when it is disposed of. */
export async function startNode(
  daemon: TestDaemon,
  name: string,
  ...options: string[]
): Promise<NodeProcess> {
  const root = new URL("../../", import.meta.url);
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "-P=gvm",
      entryOf("gvm"),
      "--keep-going",
      "--name",
      name,
      ...options,
    ],
    cwd: root,
    env: { ...daemon.env, PATH: `${join(Deno.execPath(), "..")}:${Deno.env.get("PATH")}` },
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const input = child.stdin.getWriter();
  const complaints = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  while (!said.includes("GVM has been created")) {
    const { value, done } = await complaints.read();
    if (done) throw new Error(`The node did not start: ${said}`);
    said += value;
  }
  const rest = drain(complaints);
  await using gpmd = await daemon.connect();
  const { port } = (await gpmd.nodes()).find((one) => one.name === name)!;
  return {
    name,
    pid: child.pid,
    port,
    type: (line) => input.write(new TextEncoder().encode(`${line}\n`)),
    executors: () => childrenOf(child.pid),
    async [Symbol.asyncDispose]() {
      await input.close().catch(() => {});
      await Promise.all([child.status, rest]);
    },
  };
}

async function drain(reader: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await reader.read()).done);
}

/** What a process uses. */
export interface Usage {
  /** Resident memory, in bytes. */
  readonly memory: number;
  /** Descriptors that are open. */
  readonly descriptors: number;
}

/** What `pid` uses. @throws {Error} when it is gone. */
export function usageOf(pid: number): Usage {
  if (!isRunning(pid)) throw new Error(`Process ${pid} is gone`);
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const memory = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)![1]) * 1024;
  return { memory, descriptors: [...Deno.readDirSync(`/proc/${pid}/fd`)].length };
}

/** Bytes as people read them. */
export function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
