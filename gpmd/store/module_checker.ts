import { GhostError } from "../../gmp/errors.ts";
import { expectDescriptors } from "./_descriptors.ts";
import type { ByteRange } from "../../gmp/wasm_format/module_description.ts";
import { Semaphore } from "../../gmp/async/semaphore.ts";

/** Milliseconds that a check may take: 256 MiB of the slowest known code take 50 seconds, of compiler output one. */
const CHECK_TIME = 60_000;
/** Checks at one time: a long one does not hold up the others, and each takes as much memory as its module. */
const MAX_CHECKS = 2;
/** Milliseconds that checks under way have when the store is closed; compiler output takes less. */
const CLOSE_TIME = 2000;
/** Milliseconds that a thread stays when there is nothing to check: starting one takes some 30. */
const REST_TIME = 2000;
/** Bytes that are read and hashed at a time; a file up to this size is hashed as a whole. */
const STEP = 1 << 18;

/** The result of a check. */
interface CheckedModule {
  /** SHA-256 of the bytes on the disk, 64 hexadecimal digits. */
  readonly hash: string;
  /** Why the engine rejects the module, if it does. */
  readonly reason: string | undefined;
  /** The bytes on the disk. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A file to read, hash and validate. */
interface FileJob {
  readonly path: string;
  readonly size: number;
  readonly hash: string;
  readonly step: number;
}

/** The core modules of a component to validate. */
interface PartsJob {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly parts: readonly ByteRange[];
}

/** What a thread gets, and what it answers. */
type Job = FileJob | PartsJob;
type Answer = CheckedModule | { readonly failure: string; readonly code: string | undefined };

/**
 * Hashes and validates modules in threads of their own, so that the daemon's thread can answer others meanwhile. They
 * have the daemon's permissions, and need only the one to read the store; they run no module.
 */
export class ModuleChecker {
  readonly #checks = new Semaphore(MAX_CHECKS);
  readonly #resting: Worker[] = [];
  readonly #timers = new Map<Worker, ReturnType<typeof setTimeout>>();
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();
  readonly #closeTime: number;

  /** Checks under way have `closeTime` milliseconds when it is closed. */
  constructor(closeTime = CLOSE_TIME) {
    this.#closeTime = closeTime;
  }

  /**
   * Reads the file at `path`, which has `size` bytes, hashes it and, if the hash is `hash`, has the engine validate it.
   *
   * @throws {GhostError} `TIME_LIMIT` when that takes too long, `STORE_FAULT` when it is closed; the disk's errors as
   * they are.
   */
  async check(path: string, size: number, hash: string): Promise<CheckedModule> {
    return await this.#checking(() => this.#check(path, { path, size, hash, step: STEP }));
  }

  /**
   * Has the engine validate the parts of `bytes` that are core modules; they are gone here, and come back with the answer.
   *
   * @throws {GhostError} `TIME_LIMIT`, `STORE_FAULT` as {@linkcode check}.
   */
  async checkParts(
    path: string,
    bytes: Uint8Array<ArrayBuffer>,
    parts: readonly ByteRange[],
  ): Promise<Omit<CheckedModule, "hash">> {
    return await this.#checking(() => this.#check(path, { bytes, parts }, [bytes.buffer]));
  }

  async #checking(check: () => Promise<CheckedModule>): Promise<CheckedModule> {
    const checking = this.#checks.run(check);
    this.#underWay.add(checking);
    try {
      return await checking;
    } finally {
      this.#underWay.delete(checking);
    }
  }

  /** Starts a thread ahead of a check of the file at `path`, unless one is idle or the system has no room. */
  warm(path: string): void {
    if (this.#resting.length > 0 || this.#underWay.size > 0) return;
    try {
      this.#rest(startThread(path));
    } catch {
      // The check will say why.
    }
  }

  /** Waits for the checks under way, but not for long, and ends the threads. */
  async close(): Promise<void> {
    const timer = setTimeout(() => this.#closing.abort(), this.#closeTime);
    await Promise.allSettled(this.#underWay);
    clearTimeout(timer);
    this.#closing.abort();
    for (const worker of this.#resting.splice(0)) this.#end(worker);
  }

  async #check(path: string, job: Job, transfer: Transferable[] = []): Promise<CheckedModule> {
    const worker = this.#wake(path);
    let answer: Answer;
    try {
      answer = await ask(worker, job, transfer, this.#closing.signal);
    } catch (error) {
      worker.terminate();
      throw error;
    }
    this.#rest(worker);
    if ("failure" in answer) throw Object.assign(new Error(answer.failure), { code: answer.code });
    return answer;
  }

  #wake(path: string): Worker {
    const worker = this.#resting.pop();
    if (worker === undefined) return startThread(path);
    clearTimeout(this.#timers.get(worker));
    this.#timers.delete(worker);
    return worker;
  }

  #rest(worker: Worker): void {
    if (this.#closing.signal.aborted) return worker.terminate();
    this.#resting.push(worker);
    const timer = setTimeout(() => {
      this.#resting.splice(this.#resting.indexOf(worker), 1);
      this.#end(worker);
    }, REST_TIME);
    Deno.unrefTimer(timer);
    this.#timers.set(worker, timer);
  }

  #end(worker: Worker): void {
    clearTimeout(this.#timers.get(worker));
    this.#timers.delete(worker);
    worker.terminate();
  }
}

function startThread(path: string): Worker {
  expectDescriptors(path);
  // A worker made from a blob needs no permission; one from a file would need to read that file.
  const source = new Blob([`(${checkerMain})()`], { type: "text/javascript" });
  const url = URL.createObjectURL(source);
  const worker = new Worker(url, { type: "module" });
  URL.revokeObjectURL(url);
  return worker;
}

/**
 * Has `worker` do `job`.
 *
 * @throws {GhostError} `TIME_LIMIT`, `STORE_FAULT` once `closing` aborts; then end the worker.
 */
async function ask(
  worker: Worker,
  job: Job,
  transfer: Transferable[],
  closing: AbortSignal,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const late = new GhostError(
    "TIME_LIMIT",
    `Cannot check the module: validating it took longer than ${CHECK_TIME / 1000} seconds`,
  );
  const timer = setTimeout(() => reject(late), CHECK_TIME);
  const close = () => reject(new GhostError("STORE_FAULT", "Cannot check the module: the store is closed"));
  if (closing.aborted) close();
  closing.addEventListener("abort", close, { once: true });
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new GhostError("INTERNAL", `Cannot check the module: ${event.message}`));
  };
  worker.postMessage(job, transfer);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    closing.removeEventListener("abort", close);
  }
}

/** The worker's whole program. It is sent as text, so it must use nothing from outside. */
function checkerMain(): void {
  const scope = self as unknown as {
    onmessage: (event: MessageEvent<Job>) => void;
    postMessage(message: Answer, transfer?: Transferable[]): void;
  };
  const reasonOf = async (bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> => {
    if (WebAssembly.validate(bytes)) return undefined;
    try {
      await WebAssembly.compile(bytes); // slower than validate, but tells the reason
      return "the engine does not accept it";
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return message.replace(/^WebAssembly\.compile\(\): /, "");
    }
  };
  const checkParts = async ({ bytes, parts }: PartsJob): Promise<Answer> => {
    for (const { start, end } of parts) {
      const reason = await reasonOf(bytes.subarray(start, end));
      if (reason !== undefined) {
        return { hash: "", reason: `in the core module at byte ${start}: ${reason}`, bytes };
      }
    }
    return { hash: "", reason: undefined, bytes };
  };
  scope.onmessage = async ({ data }) => {
    if ("parts" in data) return scope.postMessage(await checkParts(data), [data.bytes.buffer]);
    const { path, size, hash: announced, step } = data;
    let file: Deno.FsFile | undefined;
    try {
      const whole = new Uint8Array(size);
      // It hashes in pieces, without a copy and with the processor's own instructions, but takes 20 ms to load.
      const hashing = size > step ? (await import("node:crypto")).createHash("sha256") : undefined;
      file = Deno.openSync(path);
      let filled = 0;
      for (let count = 1; count > 0 && filled < size; filled += count) {
        count = file.readSync(whole.subarray(filled, filled + step)) ?? 0;
        hashing?.update(whole.subarray(filled, filled + count));
      }
      // A file that was cut short meanwhile has another hash.
      const bytes = whole.subarray(0, filled);
      const hash = hashing?.digest("hex") ??
        new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
      const reason = hash === announced ? await reasonOf(bytes) : undefined;
      scope.postMessage({ hash, reason, bytes }, [bytes.buffer]);
    } catch (error) {
      const { message, code } = error as Error & { code?: string };
      scope.postMessage({ failure: message, code });
    } finally {
      file?.close();
    }
  };
}
