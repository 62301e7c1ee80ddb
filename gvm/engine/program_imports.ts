import { GhostError } from "../../gmp/errors.ts";
import { showValue } from "../../gmp/types/misfit.ts";
import { quoteBriefly } from "../../gmp/types/quote.ts";
import { EXTISM_USER_NAMESPACE, type PluginConfig } from "../../gmp/wasm_format/extism.ts";
import type { ImportDescription } from "../../gmp/wasm_format/module_description.ts";
import type { HostFunction, HostInterface, HostWorld } from "../component/host.ts";
import { canonicalName } from "../component/interface_names.ts";
import type { Suspension } from "../component/suspension.ts";
import { suspendable } from "./suspension.ts";
import type { Plugin } from "../extism/plugin.ts";

/** The name under which a program provides what a component imports by plain names, of no interface. */
export const WORLD = "$root";

/**
 * What a program provides to modules that run in its process, beside what nodes provide: functions by the name of what they
 * are imported from, and by their own.
 */
export type ProgramImports = Readonly<Record<string, Readonly<Record<string, ImportedFunction>>>>;

/** @throws {GhostError} `BAD_ARGUMENTS` for anything but objects by the name of what their functions are imported from. */
export function checkImports(imports: ProgramImports): void {
  if (!isObject(imports)) throw notImports("they are", imports, "an object");
  for (const [name, functions] of Object.entries(imports)) {
    if (!isObject(functions)) {
      throw notImports(`${quoteBriefly(name)} is`, functions, "an object of functions");
    }
  }
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function notImports(whatIs: string, value: unknown, expected: string): GhostError {
  return new GhostError(
    "BAD_ARGUMENTS",
    `Cannot provide imports: ${whatIs} ${showValue(value)}, not ${expected}`,
  );
}

/** What a caller gives to modules, beside what nodes provide to any. */
export interface Provisions {
  /** The functions that an instance may import, each time of its own; `ended` aborts when the instance must end. */
  readonly imports?: ((ended: AbortSignal) => ProgramImports) | undefined;
  /** Whether these may return promises, for which an instance waits that can. */
  readonly importsWait?: boolean;
  /** The configuration of Extism plug-ins. */
  readonly config?: PluginConfig | undefined;
}

/** What a module is given: what all of its session are, and what it is itself. */
export function together(all: Provisions | undefined, own: Provisions | undefined): Provisions | undefined {
  return all === undefined || own === undefined ? own ?? all : { ...all, ...own };
}

/** A function that a program provides. */
// deno-lint-ignore no-explicit-any -- the signature is the module's
export type ImportedFunction = (...args: any[]) => unknown;

/** The functions that one instance is given. */
export class GivenImports {
  readonly #ended = new AbortController();
  readonly #waits: boolean;
  readonly #imports: ProgramImports;

  /** Those of `provisions`; an instance that cannot wait is given none that return promises. */
  constructor({ imports, importsWait = false }: Provisions, canWait: boolean) {
    this.#waits = importsWait && canWait;
    this.#imports = imports?.(this.#ended.signal) ?? {};
  }

  /** Ends what the instance waits for, with `reason`. */
  abort(reason: unknown): void {
    this.#ended.abort(reason);
  }

  /** `world` with these besides. */
  in(world: HostWorld): HostWorld {
    const wrap = (name: string, one: ImportedFunction) => this.#wrap(name, one);
    return withImports(world, this.#imports, this.#waits, wrap);
  }

  /** The function for the import `one` of a core module, if it is among them. */
  for(one: ImportDescription, plugin: Plugin | undefined, suspension: Suspension | undefined) {
    const found = importedFunction(this.#imports, one);
    if (found === undefined) return undefined;
    const wrapped = this.#wrap(`${one.module}.${one.name}`, found);
    const provided = plugin !== undefined && one.kind === "function" && one.module === EXTISM_USER_NAMESPACE
      ? plugin.user(wrapped, one.type)
      : wrapped;
    return this.#waits && suspension !== undefined ? suspendable(provided, suspension) : provided;
  }

  /** `provided`, whose errors name it; a promise of it ends with the instance. */
  #wrap(name: string, provided: ImportedFunction): ImportedFunction {
    return (...args) => {
      let result: unknown;
      try {
        result = provided(...args);
      } catch (error) {
        throw failedImport(name, error);
      }
      if (!(result instanceof Promise)) return result;
      if (this.#waits) return this.#untilEnded(name, result);
      result.catch(() => {});
      throw new TypeError(`${name} returned a promise, and functions in this process do not wait for one`);
    };
  }

  async #untilEnded(name: string, result: Promise<unknown>): Promise<unknown> {
    const { signal } = this.#ended;
    const ended = Promise.withResolvers<never>();
    const abort = () => ended.reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    try {
      return await Promise.race([result, ended.promise]);
    } catch (error) {
      throw signal.aborted ? signal.reason : failedImport(name, error);
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }
}

/** What a function that a program provides has thrown; the guest does not get the caller's own errors. */
function failedImport(name: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Error(`its import ${name} failed: ${reason}`, { cause });
}

type Wrap = (name: string, one: ImportedFunction) => ImportedFunction;

/** `world` with what a program provides besides. */
function withImports(world: HostWorld, imports: ProgramImports, wait: boolean, wrap: Wrap): HostWorld {
  const known = new Set(Object.keys(world.interfaces).map(canonicalName));
  const interfaces = Object.defineProperties(
    {},
    Object.getOwnPropertyDescriptors(world.interfaces),
  ) as Record<
    string,
    HostInterface
  >;
  for (const [name, functions] of Object.entries(imports)) {
    if (name !== WORLD && !known.has(canonicalName(name))) {
      interfaces[name] = interfaceOf(name, functions, wait, wrap);
    }
  }
  const root = Object.hasOwn(imports, WORLD)
    ? interfaceOf("the world", imports[WORLD]!, wait, wrap)
    : world.root;
  return root === undefined ? { interfaces } : { interfaces, root };
}

/** The functions of an interface by their names in WIT, under which or in camelCase the program has them. */
function interfaceOf(
  interfaceName: string,
  functions: Readonly<Record<string, ImportedFunction>>,
  wait: boolean,
  wrap: Wrap,
): HostInterface {
  const named: Record<string, HostFunction> = Object.create(null);
  for (const [name, one] of Object.entries(functions)) {
    named[name] = named[kebabCase(name)] = wrap(`${interfaceName}.${name}`, one);
  }
  return wait ? { functions: named, waits: new Set(Object.keys(named)) } : { functions: named };
}

/** `read-all` for `readAll`. */
export function kebabCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The function that a program provides for the import `one` of a core module, if it does. */
function importedFunction(imports: ProgramImports, one: ImportDescription): ImportedFunction | undefined {
  if (one.kind !== "function" || !Object.hasOwn(imports, one.module)) return undefined;
  const functions = imports[one.module]!;
  return Object.hasOwn(functions, one.name) ? functions[one.name] : undefined;
}
