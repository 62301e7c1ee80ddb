import type { Context, Functions } from "./context.ts";
import { DescriptorTable } from "./descriptors.ts";
import { ERRNO, Failure } from "../host/errno.ts";
import { argsEnvironFunctions } from "./functions/args_environ.ts";
import { clockFunctions } from "./functions/clocks.ts";
import { directoryFunctions } from "./functions/directories.ts";
import { fdStatusFunctions } from "./functions/fd_status.ts";
import { fdTransferFunctions } from "./functions/fd_transfer.ts";
import { pathOpenFunctions } from "./functions/path_open.ts";
import { pathFunctions } from "./functions/paths.ts";
import { pollFunctions } from "./functions/poll.ts";
import { processFunctions } from "./functions/process.ts";
import { randomFunctions } from "./functions/random.ts";
import { socketFunctions } from "./functions/sockets.ts";
import { checkArgument, checkVariable, numberDevices, type WasiOptions } from "../guest/options.ts";
import { InputQueue } from "../host/input_queue.ts";
import { GuestMemory } from "./memory.ts";
import { ALL_RIGHTS, DIRECTORY_RIGHTS, INPUT_RIGHTS, OUTPUT_RIGHTS } from "./rights.ts";
import type { OutputSink } from "../host/streams.ts";
import { Waits } from "../host/waits.ts";

/**
 * A WASI function as a guest imports it: it returns an `errno`, or a promise of one if the guest has to wait.
 */
export type WasiFunction = (...args: (number | bigint)[]) => number | Promise<number>;

const encoder = new TextEncoder();

/**
 * WASI preview 1 (`wasi_snapshot_preview1.witx`) for one guest, complete and with no host behind it:
 * arguments, environment, clocks, random bytes, standard streams, and files in memory. It can reach nothing
 * else on the machine.
 */
export class Wasi {
  /** The functions that may return a promise. */
  static readonly suspending: ReadonlySet<string> = new Set(["fd_read", "fd_write", "poll_oneoff"]);

  /** All functions by the names under which guests import them from `wasi_snapshot_preview1`. */
  readonly functions: Readonly<Record<string, WasiFunction>>;
  readonly #context: Context;
  readonly #stderr: OutputSink;

  /**
   * WASI for a guest with `options`.
   *
   * @throws {TypeError} when an argument or a variable has a zero byte, or a variable's name is empty or has `=`.
   */
  constructor(options: WasiOptions) {
    const descriptors = new DescriptorTable();
    openStreams(descriptors, options);
    openDirectories(descriptors, options);
    this.#context = {
      args: options.args.map(zeroTerminated),
      environment: Object.entries(options.env ?? {}).map(variable),
      memory: new GuestMemory(),
      descriptors,
      waits: new Waits(options.blocking ?? true),
    };
    this.#stderr = options.stderr;
    this.functions = guard(this.#context);
  }

  /**
   * Uses `memory`, which the guest exports or imports. Until then, functions that need memory fail with
   * `fault`.
   */
  bind(memory: WebAssembly.Memory): void {
    this.#context.memory.bind(memory);
  }

  /**
   * Ends the guest: a wait under way is rejected with `reason`, and so is every later WASI call. This does
   * not stop a guest that computes without calling WASI.
   */
  abort(reason: unknown): void {
    this.#context.waits.abort(reason);
  }

  /** Closes what the guest has open: it runs no more. */
  close(): void {
    this.#context.descriptors.closeAll();
  }

  /** Writes `text` to the guest's standard error, as its runtime would. */
  writeError(text: string): void {
    const asked = this.#stderr.write(encoder.encode(text));
    asked?.catch((error) => this.abort(error));
  }
}

function openStreams(descriptors: DescriptorTable, { stdin, stdout, stderr }: WasiOptions): void {
  const input = stdin ?? new InputQueue([], true);
  descriptors.open({ kind: "input", stream: input, rights: INPUT_RIGHTS, inheriting: 0, flags: 0 });
  for (const stream of [stdout, stderr]) {
    descriptors.open({ kind: "output", stream, rights: OUTPUT_RIGHTS, inheriting: 0, flags: 0 });
  }
}

function openDirectories(descriptors: DescriptorTable, { preopens }: WasiOptions): void {
  for (const { name, fileSystem, device } of numberDevices(preopens)) {
    descriptors.open({
      kind: "directory",
      inode: fileSystem.root,
      fileSystem,
      device,
      preopenName: encoder.encode(name),
      rights: DIRECTORY_RIGHTS,
      inheriting: ALL_RIGHTS,
      flags: 0,
    });
  }
}

function variable([name, value]: [string, string]): Uint8Array {
  checkVariable(name, value);
  return zeroTerminated(`${name}=${value}`);
}

function zeroTerminated(text: string): Uint8Array {
  checkArgument(text);
  return encoder.encode(`${text}\0`);
}

/** All functions in the form that guests import: with unsigned arguments, and an `errno` as the result. */
function guard(context: Context): Record<string, WasiFunction> {
  const all: Functions = {
    ...argsEnvironFunctions(context),
    ...clockFunctions(context),
    ...directoryFunctions(context),
    ...fdStatusFunctions(context),
    ...fdTransferFunctions(context),
    ...pathFunctions(context),
    ...pathOpenFunctions(context),
    ...pollFunctions(context),
    ...processFunctions(context),
    ...randomFunctions(context),
    ...socketFunctions(context),
  };
  const guarded: Record<string, WasiFunction> = {};
  for (const [name, call] of Object.entries(all)) {
    const plain = call as (...args: (number | bigint)[]) => void | Promise<void>;
    guarded[name] = (...args) => {
      context.waits.check();
      // WebAssembly passes integers as signed.
      for (let index = 0; index < args.length; index++) {
        const arg = args[index]!;
        args[index] = typeof arg === "number" ? arg >>> 0 : BigInt.asUintN(64, arg);
      }
      try {
        const waiting = plain(...args);
        return waiting === undefined ? ERRNO.SUCCESS : waiting.then(() => ERRNO.SUCCESS, errnoOf);
      } catch (error) {
        return errnoOf(error);
      }
    };
  }
  return guarded;
}

/** The code of a failure; any other error is hidden from the guest, and ends it. */
function errnoOf(error: unknown): number {
  if (error instanceof Failure) return error.errno;
  throw error;
}
