import { GhostError } from "../errors.ts";
import { camelCase } from "./camel_case.ts";
import { type ComponentSignature, PRIMITIVES, type TypeNode, type TypeReference } from "./component_types.ts";
import { isLabel } from "./label.ts";
import { quote } from "./quote.ts";

/** Most nodes in the table of a signature; the largest of WASI 0.2 has 50. */
export const MAX_TYPE_NODES = 4096;
/** Most fields, cases, flags and parameters of a signature together. */
export const MAX_TYPE_PARTS = 16_384;
/** Deepest nesting of types, as in wasmtime: every walk over a value recurses so deep at most. */
export const MAX_TYPE_DEPTH = 100;
/** Most flags of one type (component-model, "Type Definitions"). */
const MAX_FLAGS = 32;
/** Longest label, in characters. */
const MAX_LABEL = 256;

const PRIMITIVE_NAMES: ReadonlySet<unknown> = new Set(PRIMITIVES);
/** The primitives that a map may have as keys. */
const KEYS: ReadonlySet<unknown> = new Set(
  PRIMITIVES.filter((name) => name !== "f32" && name !== "f64" && name !== "error-context"),
);

/**
 * The signature of a component's function in `value`, a peer's decoded message; its other fields are ignored. Every
 * reference of its table points backwards, so that it has no cycle, and no part of it is walked twice: a table may
 * describe a value of any size in a few bytes.
 *
 * @throws {GhostError} `BAD_REQUEST` naming the node or parameter that is wrong, or the limit that is exceeded.
 */
export function checkComponentSignature(value: unknown): ComponentSignature {
  const { types, parameters, result, async } = value as Record<string, unknown>;
  return new SignatureCheck().signature(types, parameters, result, async === true);
}

/** Checks one signature: what has been counted so far, and the depth of each node. */
class SignatureCheck {
  readonly #depths: number[] = [];
  #parts = 0;

  signature(types: unknown, parameters: unknown, result: unknown, async: boolean): ComponentSignature {
    const nodes = listOf(types, "types");
    if (nodes.length > MAX_TYPE_NODES) {
      throw refused(`it has ${nodes.length} types, above the limit of ${MAX_TYPE_NODES}`);
    }
    for (const [index, node] of nodes.entries()) this.#depths.push(this.#node(node, `type ${index}`));
    for (const [, type] of this.#named(parameters, "parameters", true)) this.#reference(type, "parameters");
    if (result != null) this.#reference(result, "result");
    return {
      types: nodes as TypeNode[],
      parameters: parameters as [string, TypeReference][],
      result: result == null ? null : result as TypeReference,
      ...async ? { async } : {},
    };
  }

  /** Checks a node and returns its depth, 1 without other nodes below it. */
  #node(node: unknown, where: string): number {
    const [kind, ...parts] = listOf(node, where);
    const depth = 1 + this.#below(kind, parts, where);
    if (depth > MAX_TYPE_DEPTH) throw refused(`${where} is more than ${MAX_TYPE_DEPTH} levels deep`);
    return depth;
  }

  /** Checks the parts of a node and returns the greatest depth among them. */
  #below(kind: unknown, parts: readonly unknown[], where: string): number {
    switch (kind) {
      case "list":
        if (parts.length === 2) checkLength(parts[1], where);
        else count(parts, 1, where);
        return this.#reference(parts[0], where);
      case "record":
        count(parts, 1, where);
        return this.#deepest(this.#named(parts[0], where).map(([, type]) => type), where);
      case "tuple":
        count(parts, 1, where);
        return this.#deepest(this.#some(parts[0], where), where);
      case "variant":
        count(parts, 1, where);
        return this.#deepest(this.#named(parts[0], where).map(([, type]) => type), where, true);
      case "enum":
      case "flags":
        count(parts, 1, where);
        return this.#labels(parts[0], where, kind);
      case "option":
        count(parts, 1, where);
        return this.#reference(parts[0], where);
      case "result":
        count(parts, 2, where);
        return this.#deepest(parts, where, true);
      case "map":
        count(parts, 2, where);
        if (!KEYS.has(parts[0])) throw refused(`${where} is a map whose keys are not of a type for keys`);
        return this.#reference(parts[1], where);
      case "own":
      case "borrow":
        count(parts, 1, where);
        return this.#resource(parts[0], where);
      case "stream":
      case "future":
        count(parts, 1, where);
        return this.#deepest(parts, where, true);
      default:
        throw refused(`${where} is of no known kind`);
    }
  }

  #deepest(types: readonly unknown[], where: string, mayMiss = false): number {
    let deepest = 0;
    for (const type of types) {
      if (!mayMiss || type != null) deepest = Math.max(deepest, this.#reference(type, where));
    }
    return deepest;
  }

  /** Checks a reference and returns the depth of what it names, 0 for a primitive. */
  #reference(type: unknown, where: string): number {
    if (PRIMITIVE_NAMES.has(type)) return 0;
    const depth = typeof type === "number" ? this.#depths[type] : undefined;
    if (depth === undefined) throw refused(`${where} refers to a type that is not before it`);
    return depth;
  }

  /** The elements of a list, at least one, which count as parts. */
  #some(value: unknown, where: string, mayBeEmpty = false): unknown[] {
    const items = listOf(value, where);
    if (items.length === 0 && !mayBeEmpty) throw refused(`${where} has no parts`);
    this.#parts += items.length;
    if (this.#parts > MAX_TYPE_PARTS) {
      throw refused(`it has more than ${MAX_TYPE_PARTS} fields, cases and parameters`);
    }
    return items;
  }

  /** Pairs of a label and something. */
  #named(value: unknown, where: string, mayBeEmpty = false): (readonly [string, unknown])[] {
    const pairs = this.#some(value, where, mayBeEmpty).map((pair) => {
      const [label, type] = count(listOf(pair, where), 2, where);
      return [label as string, type] as const;
    });
    checkLabels(pairs.map(([label]) => label), where);
    return pairs;
  }

  #labels(value: unknown, where: string, kind: string): 0 {
    const labels = this.#some(value, where);
    if (kind === "flags" && labels.length > MAX_FLAGS) {
      throw refused(`${where} has more than ${MAX_FLAGS} flags`);
    }
    checkLabels(labels, where);
    return 0;
  }

  #resource(name: unknown, where: string): 0 {
    if (typeof name !== "string" || name === "" || name.length > MAX_LABEL || !name.isWellFormed()) {
      throw refused(`${where} names no resource`);
    }
    return 0;
  }
}

function listOf(value: unknown, where: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw refused(`${where} is not a list`);
}

function count(parts: readonly unknown[], length: number, where: string): readonly unknown[] {
  if (parts.length === length) return parts;
  throw refused(`${where} has ${parts.length} parts, not ${length}`);
}

function checkLength(length: unknown, where: string): void {
  if (typeof length === "number" && Number.isInteger(length) && length > 0 && length < 2 ** 32) return;
  throw refused(`${where} is a list whose length is not an integer from 1 to 2^32-1`);
}

/** Labels are unique whatever their case, and so are the names that they have in JavaScript. */
function checkLabels(labels: readonly unknown[], where: string): void {
  const seen = new Set<string>();
  for (const label of labels) {
    if (typeof label !== "string" || label.length > MAX_LABEL || !isLabel(label)) {
      throw refused(`${where} has a name that is not of the form first-name`);
    }
    for (const name of new Set([label.toLowerCase(), camelCase(label)])) {
      if (seen.has(name)) throw refused(`${where} has ${quote(label)} twice`);
      seen.add(name);
    }
  }
}

function refused(reason: string): GhostError {
  return new GhostError("BAD_REQUEST", `Cannot read the signature: ${reason}`);
}
