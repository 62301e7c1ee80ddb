import { assertEquals, assertInstanceOf } from "@std/assert";
import { type ErrorCode, GhostError } from "../../gmp/errors.ts";
import type { Identity } from "../../gmp/handshake/identity.ts";
import type { CallResult } from "../../gmp/types/values.ts";
import { ExecutorPool, type HostedSession } from "../../gvm/executors/executor_pool.ts";
import { ModuleRun, type StdinSource } from "../../gvm/calls/module_run.ts";
import type { AvailableModule, ModuleSource } from "../../gvm/gpmd/module_source.ts";
import type { CallOptions } from "../../gvm/calls/session_calls.ts";
import { SessionClient } from "../../gvm/calls/session_client.ts";
import type { ProgramImports } from "../../gvm/engine/program_imports.ts";
import type { StandardStream } from "../../gvm/wasi/mod.ts";
import { checkLimits, type ExecutionLimits } from "../../gvm/engine/execution_limits.ts";

/** Modules without a GPMD: those that were added, the fixtures beside this file, and the examples. */
export class TestModules implements ModuleSource {
  /** The hashes that were asked for, in order. */
  readonly fetched: string[] = [];
  readonly #added = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly #bytes = new Map<string, Uint8Array<ArrayBuffer>>();

  /** Adds a module, or replaces it. */
  add(name: string, bytes: Uint8Array<ArrayBuffer>): void {
    this.#added.set(name, bytes);
  }

  /** The bytes of a module. */
  bytesOf(name: string): Uint8Array<ArrayBuffer> {
    return this.#added.get(name) ?? readModuleFile(name);
  }

  /** See {@linkcode ModuleSource.resolve}. */
  async resolve(name: string): Promise<AvailableModule> {
    const bytes = this.bytesOf(name);
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
    this.#bytes.set(hash, bytes);
    return { name, version: "v1.0.0", hash, size: bytes.length };
  }

  /** See {@linkcode ModuleSource.bytes}. */
  bytes(hash: string): Promise<Uint8Array<ArrayBuffer>> {
    this.fetched.push(hash);
    return Promise.resolve(this.#bytes.get(hash)!);
  }
}

/** The bytes of a fixture or an example. */
function readModuleFile(name: string): Uint8Array<ArrayBuffer> {
  const places = ["fixtures", `../../examples/${name}`, "component/fixtures"];
  for (const path of places.map((folder) => `${folder}/${name}.wasm`)) {
    try {
      return Deno.readFileSync(new URL(path, import.meta.url));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new GhostError("MODULE_NOT_FOUND", `Cannot find "${name}": it is neither a fixture nor an example`);
}

/** How a caller runs a module. */
interface RunOptions extends CallOptions {
  readonly stdin?: StdinSource;
  /** Names of directories that were loaded. */
  readonly directories?: readonly string[];
  readonly terminals?: readonly StandardStream[];
  readonly env?: Readonly<Record<string, string>>;
  readonly imports?: ProgramImports;
}

/** One caller: a session of its own, over the wire as any other. */
export class Caller {
  readonly client: SessionClient;
  readonly #hosted: HostedSession;

  constructor(pool: ExecutorPool, identity?: Identity) {
    this.#hosted = pool.open(
      identity ?? { role: "command" },
      (executor, id, error) => this.client.stopped(executor, id, error),
      { isOwn: identity === undefined },
    );
    this.client = new SessionClient({
      isOwn: identity === undefined,
      place: async (lost) => {
        const place = await this.#hosted.place();
        // A caller from another device comes through a pipe.
        const isPiped = identity?.device !== undefined;
        return { ...place, isPiped, restarted: lost !== undefined && lost !== place.executor };
      },
      cancel: (executor, id) => this.#hosted.cancel(executor, id),
    });
  }

  /** Calls `name`, which is `module.function`. */
  async call(name: string, args: readonly unknown[] = [], options?: CallOptions): Promise<CallResult> {
    const dot = name.indexOf(".");
    const reference = await this.client.resolve({
      module: name.slice(0, dot),
      function: name.slice(dot + 1),
    });
    return await this.client.call(reference, args, options);
  }

  /** Runs a module. */
  run(module: string, argv: readonly string[] = [], options: RunOptions = {}): ModuleRun {
    return new ModuleRun(this.client, { ...options, module, argv });
  }

  close(): void {
    this.client.close(new GhostError("CANCELLED"));
    this.#hosted.close();
  }
}

/** How a harness is made. */
interface HarnessOptions {
  readonly limits?: Partial<ExecutionLimits>;
  /** Executors, 4 by default. */
  readonly size?: number;
  /** Where modules come from; `TestModules` by default. */
  readonly modules?: ModuleSource;
}

/** A pool of real executors and its callers, gone with all its processes when it is disposed of. */
export class Harness implements AsyncDisposable {
  readonly modules: TestModules = new TestModules();
  readonly pool: ExecutorPool;
  readonly #callers: Caller[] = [];
  readonly #processesBefore = new Set(childrenOf(Deno.pid));

  constructor({ limits, size = 4, modules = this.modules }: HarnessOptions = {}) {
    this.pool = new ExecutorPool({ size, limits: checkLimits({ time: 10_000, ...limits }), modules });
  }

  /** The processes of its executors. */
  get executors(): number[] {
    return childrenOf(Deno.pid).filter((pid) => !this.#processesBefore.has(pid));
  }

  /** A caller whose executor is there; with an `identity` it may do what that was granted, else anything. */
  async caller(identity?: Identity): Promise<Caller> {
    const caller = this.open(identity);
    await caller.client.connect();
    return caller;
  }

  /** A caller whose executor is being started. */
  open(identity?: Identity): Caller {
    const caller = new Caller(this.pool, identity);
    this.#callers.push(caller);
    return caller;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const caller of this.#callers) caller.close();
    await this.pool.close();
    assertEquals(this.executors, [], "executors are left");
  }
}

/**
 * The processes that `pid` started and that are there still. The list that the kernel keeps of them is only to be relied on
 * while none comes or goes (proc(5), `/proc/pid/task/tid/children`), so each process is asked for its parent.
 */
export function childrenOf(pid: number): number[] {
  const pids = Array.from(Deno.readDirSync("/proc"), ({ name }) => Number(name)).filter(Number.isInteger);
  return pids.filter((one) => parentOf(one) === pid).sort((one, other) => one - other);
}

/** The process that `pid` is a child of, `undefined` when `pid` is gone. */
function parentOf(pid: number): number | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    // The name, in parentheses, may have spaces and parentheses itself; the state and the parent follow.
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || isGone(error)) return undefined;
    throw error;
  }
}

/** True for what reading says of a process that ended meanwhile: ESRCH, for which Deno has neither a class nor a code. */
function isGone(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("No such process (os error 3)");
}

/** True while the process is there. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || isGone(error)) return false;
    throw error;
  }
}

/** Sends `signal` to a process that may end at any time; false when it has. */
export function signalProcess(pid: number, signal: Deno.Signal): boolean {
  try {
    Deno.kill(pid, signal);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Processor time that a process has used, in milliseconds (proc(5): ticks of 10 ms). */
export function processorTime(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Memory of a process that is in use, in megabytes. */
export function residentMegabytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))![1]) / 1024;
}

/**
 * Resolves once this process and its executors have used less than a fifth of one processor for a tenth of a second, which
 * they never do while a thread spins.
 */
export async function processorIsIdle(): Promise<void> {
  const used = () => {
    const pids = [Deno.pid, ...childrenOf(Deno.pid)];
    return pids.reduce((sum, pid) => sum + processorTime(pid), 0);
  };
  const giveUp = performance.now() + 5000;
  for (let before = used();;) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const now = used();
    if (now >= before && now - before <= 20) return;
    if (performance.now() > giveUp) throw new Error(`${now - before} ms of the last 100 ms were used`);
    before = now;
  }
}

/** The error of what must fail, with that code. */
export async function assertFails(code: ErrorCode, promise: Promise<unknown>): Promise<GhostError> {
  const error = await promise.then(
    (value) => new Error(`It succeeded: ${value}`),
    (error) => error,
  );
  assertInstanceOf(error, GhostError, String(error));
  assertEquals(error.code, code, error.message);
  return error;
}

/** Milliseconds that `action` takes. */
export async function elapsed(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

/** The next of what a run writes, as text. */
export async function nextText(output: AsyncIterator<{ bytes: Uint8Array }>): Promise<string> {
  const { value } = await output.next();
  return new TextDecoder().decode(value?.bytes);
}
