// Runs scripts of the official tests of the component model against the engine.
import { equal } from "@std/assert";
import { camelCase } from "../../../gmp/types/camel_case.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { readComponent } from "../../../gmp/wasm_format/component/component_reader.ts";
import { validateComponent } from "../../../gmp/wasm_format/component/component_validator.ts";
import { DEFAULT_LIMITS } from "../../../gvm/engine/execution_limits.ts";
import { instantiateLoaded } from "../../../gvm/engine/instantiate_component.ts";
import type { Instance } from "../../../gvm/engine/instance.ts";
import { loadComponent, type LoadedComponent } from "../../../gvm/engine/load_component.ts";
import { MemoryBudget } from "../../../gvm/engine/memory_budget.ts";
import { type Assemble, binaryOf, type Form, headOf, parseForms } from "../../tools/wast.ts";

const IDENTITY = { name: "test", version: "1.0.0", hash: "" };
const LIMITS = { ...DEFAULT_LIMITS, memory: 1 << 28 };
const STREAM = { isTerminal: false, write: () => {} };

/** The outcome of a script. */
interface ScriptOutcome {
  /** Forms that did what they should. */
  passed: number;
  /** What went wrong, by line. */
  readonly failures: string[];
}

/** Runs a script. */
export async function runScript(script: string, assemble: Assemble): Promise<ScriptOutcome> {
  const run = new ScriptRun(assemble);
  const outcome: ScriptOutcome = { passed: 0, failures: [] };
  for (const form of parseForms(script)) {
    try {
      await run.perform(form);
      outcome.passed++;
    } catch (error) {
      outcome.failures.push(`${form.line}: ${error instanceof Error ? error.message : error}`);
    }
  }
  run.end();
  return outcome;
}

class ScriptRun {
  readonly #assemble: Assemble;
  readonly #definitions = new Map<string, LoadedComponent>();
  readonly #instances = new Map<string, Instance>();
  readonly #memory = new MemoryBudget(LIMITS, { whose: "this test" });
  #current: Instance | undefined;

  constructor(assemble: Assemble) {
    this.#assemble = assemble;
  }

  async perform(form: Form): Promise<void> {
    const [head, subject, ...rest] = form.items!;
    switch (head!.text) {
      case "component":
        return await this.#component(form);
      case "invoke":
        return void await this.#invoke(form);
      case "assert_return":
        return this.#compare(await this.#invoke(subject!), rest);
      case "assert_trap":
        return await mustFail(
          () => headOf(subject!) === "invoke" ? this.#invoke(subject!) : this.#component(subject!),
          () => true,
        );
      case "assert_unlinkable":
        return await mustFail(() => this.#component(subject!), isRefusal);
      case "assert_invalid":
      case "assert_malformed":
        return await mustFail(async () => {
          const bytes = await binaryOf(subject!, this.#assemble);
          validateComponent(bytes, readComponent(bytes));
        }, () => true);
      default:
        throw new Error(`there is no command ${head!.text}`);
    }
  }

  end(): void {
    this.#current?.memory.drop();
    for (const one of this.#instances.values()) one.memory.drop();
  }

  async #component(form: Form): Promise<void> {
    const [, ...rest] = form.items!;
    const names = rest.map(({ text }) => text);
    if (names[0] === "instance") {
      const definition = this.#definitions.get(names[2]!);
      if (definition === undefined) throw new Error(`there is no definition ${names[2]}`);
      return this.#instantiate(definition, names[1]);
    }
    const isDefinition = names[0] === "definition";
    const name = names[isDefinition ? 1 : 0];
    const loaded = await loadComponent(await binaryOf(form, this.#assemble), IDENTITY, LIMITS);
    if (name?.startsWith("$")) this.#definitions.set(name, loaded);
    if (!isDefinition) this.#instantiate(loaded, name);
  }

  #instantiate(component: LoadedComponent, name: string | undefined): void {
    const compiled = { ...IDENTITY, component, waits: component.waits };
    const instance = instantiateLoaded(compiled, { args: [], stdout: STREAM, stderr: STREAM }, this.#memory);
    this.#current = instance;
    if (name?.startsWith("$")) this.#instances.set(name, instance);
  }

  async #invoke(form: Form): Promise<unknown> {
    const [, first, ...rest] = form.items!;
    const isNamed = first!.text.startsWith("$");
    const instance = isNamed ? this.#instances.get(first!.text) : this.#current;
    if (instance === undefined) throw new Error("there is no instance");
    const [name, ...args] = isNamed ? rest : [first!, ...rest];
    return await instance.callable(JSON.parse(name!.text))(...args.map(valueOf));
  }

  #compare(actual: unknown, expected: readonly Form[]): void {
    const wanted = expected.length === 0 ? undefined : valueOf(expected[0]!);
    if (isSame(actual, wanted)) return;
    throw new Error(`returned ${show(actual)}, not ${show(wanted)}`);
  }
}

async function mustFail(act: () => Promise<unknown>, isExpected: (error: unknown) => boolean): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (isExpected(error)) return;
    throw error;
  }
  throw new Error("nothing failed");
}

function isRefusal(error: unknown): boolean {
  return error instanceof GhostError && (error.code === "NOT_A_MODULE" || error.code === "IMPORT_NOT_FOUND");
}

/** Compares as the script means it: flags that are not set are left out, and any NaN is one. */
function isSame(actual: unknown, wanted: unknown): boolean {
  if (ArrayBuffer.isView(actual)) return isSame(Array.from(actual as unknown as Iterable<unknown>), wanted);
  if (wanted instanceof SetFlags) {
    const set = Object.entries(actual as object).flatMap(([name, isSet]) => isSet ? [name] : []);
    return equal(set.sort(), wanted.names.toSorted());
  }
  if (Array.isArray(wanted)) {
    return Array.isArray(actual) && actual.length === wanted.length &&
      wanted.every((one, index) => isSame(actual[index], one));
  }
  return equal(actual, wanted);
}

class SetFlags {
  constructor(readonly names: readonly string[]) {}
}

function show(value: unknown): string {
  return Deno.inspect(value, { depth: 5, breakLength: Infinity });
}

/** The value that a form such as `(u32.const 42)` stands for. */
function valueOf(form: Form): unknown {
  return value(form.items!);
}

function value([head, ...rest]: readonly Form[]): unknown {
  const [first] = rest;
  switch (head!.text) {
    case "bool.const":
      return first!.text === "true";
    case "u64.const":
    case "s64.const":
      return BigInt(first!.text.replaceAll("_", ""));
    case "f32.const":
    case "f64.const":
      return float(first!.text);
    case "str.const":
    case "char.const":
    case "enum.const":
      return string(first!.text);
    case "list.const":
      return rest.map(valueOf);
    case "tuple.const":
      return rest.map(valueOf);
    case "record.const":
      return Object.fromEntries(
        rest.map(({ items }) => [camelCase(string(items![1]!.text)), value(items!.slice(2))]),
      );
    case "variant.const":
      return tagged(string(first!.text), rest[1]);
    case "result.ok":
    case "result.err":
      return tagged(head!.text.slice("result.".length), first);
    case "option.some":
      return valueOf(first!);
    case "option.none":
      return undefined;
    case "flags.const":
      return Object.assign(new SetFlags(rest.map(({ text }) => camelCase(string(text)))), flagsOf(rest));
    default:
      if (!/^[su](?:8|16|32)\.const$/.test(head!.text)) throw new Error(`there is no value ${head!.text}`);
      return Number(first!.text.replaceAll("_", ""));
  }
}

function flagsOf(names: readonly Form[]): Record<string, boolean> {
  return Object.fromEntries(names.map(({ text }) => [camelCase(string(text)), true]));
}

function tagged(tag: string, payload: Form | undefined): unknown {
  return payload === undefined ? { tag } : { tag, val: valueOf(payload) };
}

function string(text: string): string {
  return JSON.parse(
    text.replace(/\\u\{([\da-fA-F]+)\}/g, (_, code) => String.fromCodePoint(parseInt(code, 16))),
  );
}

function float(text: string): number {
  if (text.includes("nan")) return NaN;
  if (text.endsWith("inf")) return text.startsWith("-") ? -Infinity : Infinity;
  return Number(text.replaceAll("_", ""));
}
