import { hostFunctions, TEXT_LIMIT } from "./host_functions.ts";
import { Kernel } from "./kernel.ts";
import type { PluginConfig } from "../../gmp/wasm_format/extism.ts";
import type { Signature } from "../../gmp/types/signature.ts";
import { Variables } from "./variables.ts";

/** What a function of a plug-in returns: its output, or the message of its error. */
export type PluginResult =
  | { readonly tag: "ok"; readonly val: Uint8Array }
  | { readonly tag: "err"; readonly val: string };

/** How a plug-in's instance is made. */
interface PluginOptions {
  /** The memory of its kernel. */
  readonly memory: WebAssembly.Memory;
  /** Counts the bytes that its variables take, or with a negative number no longer take. */
  hold(bytes: number): void;
  /** Takes what it logs. */
  writeError(text: string): void;
  /** Its configuration, empty by default. */
  readonly config?: PluginConfig | undefined;
}

/** The host of one instance of an Extism plug-in: its imports, and what goes around each call. */
export class Plugin {
  readonly #kernel: Kernel;
  readonly #functions: Readonly<Record<string, WebAssembly.ExportValue>>;

  /** A host for an instance that is being made. */
  constructor({ memory, hold, writeError, config = {} }: PluginOptions) {
    this.#kernel = new Kernel(memory);
    const configuration = new Map(Object.entries(config));
    const host = { kernel: this.#kernel, variables: new Variables(hold), configuration, writeError };
    this.#functions = { ...this.#kernel.functions, ...hostFunctions(host) };
  }

  /** The function that it imports as `name` of `extism:host/env`, if there is one. */
  import(name: string): WebAssembly.ExportValue | undefined {
    return Object.hasOwn(this.#functions, name) ? this.#functions[name] : undefined;
  }

  /**
   * `provided`, a function of the program, as the plug-in imports it: of i64 parameters and result, each the offset of a block,
   * it takes and returns the bytes that are in it, a string as UTF-8; other types are numbers.
   */
  user(
    provided: (...args: unknown[]) => unknown,
    { parameters, results }: Signature,
  ): (...args: (number | bigint)[]) => unknown {
    const returned = (result: unknown) => results[0] === "i64" ? this.#kernel.write(bytesOf(result)) : result;
    return (...args: (number | bigint)[]) => {
      const result = provided(
        ...args.map((value, index) =>
          parameters[index] === "i64" ? this.#kernel.read(value as bigint) : value
        ),
      );
      return result instanceof Promise ? result.then(returned) : returned(result);
    };
  }

  /** Gives the instance its input, right before it is called. @throws {GhostError} `MEMORY_LIMIT`. */
  begin(input: Uint8Array): void {
    this.#kernel.begin(input);
  }

  /** What a call has come to that returned `code`. */
  end(code: unknown): PluginResult {
    const error = this.error();
    if (error !== undefined) return { tag: "err", val: error };
    if (code !== 0) return { tag: "err", val: `it returned ${code} and no message` };
    return { tag: "ok", val: this.#kernel.output() };
  }

  /** The message of the error that the plug-in has set, if it has. */
  error(): string | undefined {
    return this.#kernel.error(TEXT_LIMIT);
  }
}

/** What a function of a program returned, as bytes. */
function bytesOf(result: unknown): Uint8Array {
  if (result === undefined) return new Uint8Array();
  if (typeof result === "string") return new TextEncoder().encode(result);
  if (result instanceof Uint8Array) return result;
  throw new TypeError("What an import returned is neither bytes nor a string");
}
