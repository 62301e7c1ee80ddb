import type { ComponentSignature, TypeNode, TypeReference } from "../../../gmp/types/component_types.ts";
import { formatType } from "../../../gmp/types/type_text.ts";
import type { WaveHole, WaveStep } from "../../../gmp/types/wave/wave_node.ts";

/** A word that may stand in a value. */
interface ValueWord {
  /** What is compared with what was typed. */
  readonly name: string;
  /** What is inserted. */
  readonly text: string;
  /** A few words about it. */
  readonly hint: string;
}

/** Words of WAVE, which a case is written with `%` as. */
const WORDS: ReadonlySet<string> = new Set(["true", "false", "inf", "nan", "some", "none", "ok", "err"]);
/** Characters of a type in a hint. */
const HINT_LENGTH = 60;

/**
 * What may stand in the `hole` of a value for the parameter `index`: fields and flags that are not there yet, cases, `true`,
 * resources by `resources`.
 */
export function valueWords(
  { types, parameters }: ComponentSignature,
  index: number,
  hole: WaveHole,
  resources: (resource: string) => readonly string[],
): ValueWord[] {
  const parameter = parameters[index];
  const type = parameter && partOf(parameter[1], hole.steps, types);
  if (type === undefined) return [];
  return hole.kind === "key" ? keys(type, types, hole.seen) : values(type, types, resources);
}

/** The type at the end of a way, through options and results that are not written. */
function partOf(
  type: TypeReference,
  [step, ...rest]: readonly WaveStep[],
  types: readonly TypeNode[],
): TypeReference | undefined {
  if (step === undefined) return type;
  const found = flat(type, types, (node) => stepInto(node, step));
  return found === undefined ? undefined : partOf(found, rest, types);
}

function stepInto(node: TypeNode, step: WaveStep): TypeReference | undefined {
  switch (step.kind) {
    case "field":
      return node[0] === "record" ? node[1].find(([name]) => name === step.name)?.[1] : undefined;
    case "item":
      if (node[0] === "stream") return node[1] ?? undefined;
      return node[0] === "list" ? node[1] : node[0] === "tuple" ? node[1][step.index] : undefined;
    case "case":
      if (node[0] === "variant") return node[1].find(([name]) => name === step.name)?.[1] ?? undefined;
      if (node[0] === "option") return step.name === "some" ? node[1] : undefined;
      if (node[0] !== "result") return undefined;
      return (step.name === "ok" ? node[1] : step.name === "err" ? node[2] : null) ?? undefined;
  }
}

/** What `find` finds in the type, or in the value of an option, a result or a future that may be written alone. */
function flat<T>(
  type: TypeReference | null,
  types: readonly TypeNode[],
  find: (node: TypeNode) => T | undefined,
): T | undefined {
  if (typeof type !== "number") return undefined;
  const node = types[type]!;
  return find(node) ??
    (node[0] === "option" || node[0] === "result" || node[0] === "future"
      ? flat(node[1], types, find)
      : undefined);
}

function keys(type: TypeReference, types: readonly TypeNode[], seen: readonly string[]): ValueWord[] {
  const words = flat(type, types, (node) => {
    if (node[0] === "flags") return node[1].map((name) => ({ name, text: name, hint: "" }));
    if (node[0] !== "record") return undefined;
    return node[1].map(([name, type]) => ({ name, text: `${name}: `, hint: hintOf(type, types) }));
  });
  return (words ?? []).filter(({ name }) => !seen.includes(name));
}

function values(
  type: TypeReference,
  types: readonly TypeNode[],
  resources: (resource: string) => readonly string[],
): ValueWord[] {
  if (type === "bool") return ["false", "true"].map((name) => ({ name, text: name, hint: "" }));
  if (typeof type !== "number") return [];
  const node = types[type]!;
  switch (node[0]) {
    case "enum":
      return node[1].map((name) => caseWord(name, null, types));
    case "variant":
      return node[1].map(([name, payload]) => caseWord(name, payload, types));
    case "option":
      return [
        ...plain("some", node[1], types),
        ...plain("none", null, types),
        ...values(node[1], types, resources),
      ];
    case "result":
      return [...plain("ok", node[1], types), ...plain("err", node[2], types)];
    case "own":
    case "borrow":
      return resources(node[1]).map((name) => ({ name, text: name, hint: node[1] }));
    case "future":
      return node[1] === null ? [] : values(node[1], types, resources);
    default:
      return [];
  }
}

function caseWord(name: string, payload: TypeReference | null, types: readonly TypeNode[]): ValueWord {
  const [word] = plain(name, payload, types);
  return WORDS.has(name) ? { ...word!, text: `%${word!.text}` } : word!;
}

function plain(name: string, payload: TypeReference | null, types: readonly TypeNode[]): ValueWord[] {
  return payload === null
    ? [{ name, text: name, hint: "" }]
    : [{ name, text: `${name}(`, hint: hintOf(payload, types) }];
}

function hintOf(type: TypeReference, types: readonly TypeNode[]): string {
  const text = formatType(types, type);
  return text.length > HINT_LENGTH ? `${text.slice(0, HINT_LENGTH)}…` : text;
}
