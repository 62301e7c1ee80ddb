import { GhostError } from "../../errors.ts";
import { showName } from "../../types/quote.ts";
import type { Signature, ValueType } from "../../types/signature.ts";
import type { ByteRange, ExternalType, GlobalType, MemoryType, TableType } from "../module_description.ts";
import { readInSteps } from "../module_reader.ts";
import type { Steps } from "../_turns.ts";
import type { Validation } from "./_validation.ts";

/** The exports of a core instance by name. */
export type CoreExports = ReadonlyMap<string, ExternalType>;

/** The type of a core module. */
export interface ModuleType {
  readonly kind: "module";
  /** Its imports by the module's name, then by their own. */
  readonly imports: ReadonlyMap<string, CoreExports>;
  readonly exports: CoreExports;
}

/** Collects imports and exports, and refuses two of one name. */
export class ModuleDraft {
  readonly #validation: Validation;
  readonly #imports = new Map<string, Map<string, ExternalType>>();
  readonly #exports = new Map<string, ExternalType>();

  constructor(validation: Validation) {
    this.#validation = validation;
  }

  import(module: string, name: string, type: ExternalType): void {
    const fields = this.#imports.get(module) ?? new Map<string, ExternalType>();
    if (fields.has(name)) {
      this.#validation.fail(`a core module imports ${showName(name)} of ${showName(module)} twice`);
    }
    fields.set(name, type);
    this.#imports.set(module, fields);
  }

  export(name: string, type: ExternalType): void {
    if (this.#exports.has(name)) this.#validation.fail(`a core module exports ${showName(name)} twice`);
    this.#exports.set(name, type);
  }

  end(): ModuleType {
    return { kind: "module", imports: this.#imports, exports: this.#exports };
  }
}

/** The type of the core module in `range` of the file; its function bodies are left to the engine. */
export function* moduleTypeOf(validation: Validation, range: ByteRange): Steps<ModuleType> {
  const { imports, exports } = yield* readEmbedded(validation, range);
  const draft = new ModuleDraft(validation);
  for (const { module, name, ...type } of imports) draft.import(module, name, type);
  for (const { name, ...type } of exports) draft.export(name, type);
  return draft.end();
}

function* readEmbedded(validation: Validation, { start, end }: ByteRange): ReturnType<typeof readInSteps> {
  try {
    return yield* readInSteps(validation.bytes.subarray(start, end));
  } catch (error) {
    if (!(error instanceof GhostError) || error.code !== "NOT_A_MODULE") throw error;
    const [, what = error.message] = /^Cannot read the module: (.*), at byte \d+$/.exec(error.message) ?? [];
    const offset = (error.details as { readonly offset?: number } | undefined)?.offset ?? 0;
    validation.fail(`in the core module at byte ${start} ${what}`, start + offset);
  }
}

/** Why `actual` cannot be given where `expected` is imported (core specification, "Import Matching"). */
export function coreMismatch(expected: ExternalType, actual: ExternalType): string | undefined {
  if (expected.kind !== actual.kind) return `it is a ${actual.kind}, not a ${expected.kind}`;
  switch (expected.kind) {
    case "function":
    case "tag":
      return sameSignature(expected.type, actual.type as Signature) ? undefined : "its type is another";
    case "table":
      return tableMismatch(expected.type, actual.type as TableType);
    case "memory":
      return memoryMismatch(expected.type, actual.type as MemoryType);
    case "global":
      return globalMismatch(expected.type, actual.type as GlobalType);
  }
}

/** The steps that comparing with a type takes: one, and one for each value of a function. */
export function coreStepsOf({ kind, type }: ExternalType): number {
  return kind === "function" || kind === "tag" ? 1 + type.parameters.length + type.results.length : 1;
}

/** Whether two function types are the same. */
export function sameSignature(one: Signature, other: Signature): boolean {
  return sameTypes(one.parameters, other.parameters) && sameTypes(one.results, other.results);
}

function sameTypes(one: readonly ValueType[], other: readonly ValueType[]): boolean {
  return one.length === other.length && one.every((type, index) => type === other[index]);
}

/** Of references to types that a module defines itself, only the engine knows whether they match. */
function mayMatch(expected: ValueType, actual: ValueType): boolean {
  return expected === actual || (expected.endsWith("ref") && actual.endsWith("ref") &&
    (expected === "ref" || actual === "ref"));
}

function tableMismatch(expected: TableType, actual: TableType): string | undefined {
  if (!mayMatch(expected.element, actual.element)) {
    return `it is a table of ${actual.element}, not of ${expected.element}`;
  }
  return expected.is64 !== actual.is64 ? "its index type is another" : limitsMismatch(expected, actual);
}

function memoryMismatch(expected: MemoryType, actual: MemoryType): string | undefined {
  if (expected.is64 !== actual.is64) return "its address type is another";
  if (expected.shared !== actual.shared) return `it is ${actual.shared ? "" : "not "}shared`;
  return limitsMismatch(expected, actual);
}

function limitsMismatch(
  expected: TableType | MemoryType,
  actual: TableType | MemoryType,
): string | undefined {
  if (actual.minimum < expected.minimum) {
    return `it has ${actual.minimum} at the start, not at least ${expected.minimum}`;
  }
  if (expected.maximum === undefined || (actual.maximum ?? Infinity) <= expected.maximum) return undefined;
  return `it may have more than ${expected.maximum}`;
}

function globalMismatch(expected: GlobalType, actual: GlobalType): string | undefined {
  if (expected.mutable !== actual.mutable) return `it is ${actual.mutable ? "" : "not "}mutable`;
  return mayMatch(expected.type, actual.type)
    ? undefined
    : `it is a global of ${actual.type}, not of ${expected.type}`;
}

/** Why a core module of the type `actual` cannot be given where one of the type `expected` is imported. */
export function moduleMismatch(
  validation: Validation,
  expected: ModuleType,
  actual: ModuleType,
): string | undefined {
  for (const [module, fields] of actual.imports) {
    for (const [name, needed] of fields) {
      validation.take(coreStepsOf(needed));
      const given = expected.imports.get(module)?.get(name);
      if (given === undefined) {
        return `the core module imports ${showName(name)} of ${showName(module)} as well`;
      }
      const mismatch = coreMismatch(needed, given);
      if (mismatch !== undefined) {
        return `of the import ${showName(name)} of ${showName(module)}: ${mismatch}`;
      }
    }
  }
  for (const [name, needed] of expected.exports) {
    validation.take(coreStepsOf(needed));
    const given = actual.exports.get(name);
    if (given === undefined) return `the core module has no export ${showName(name)}`;
    const mismatch = coreMismatch(needed, given);
    if (mismatch !== undefined) return `of the export ${showName(name)}: ${mismatch}`;
  }
  return undefined;
}
