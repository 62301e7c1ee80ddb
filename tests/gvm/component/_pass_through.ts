/**
 * Makes components that pass values on: each imports a function and exports one of the same type, which calls it. Several in a row
 * have memories and string encodings of their own, so that every value is lifted and lowered once more by each of them.
 */
import type { TypeNode, TypeReference } from "../../../gmp/types/component_types.ts";
import { flattenAll, type FlatType, sizeOf } from "../../../gmp/wasm_format/component/_layout.ts";
import { node, type ValueNode, type ValueType } from "../../../gmp/wasm_format/component/resolved_types.ts";
import {
  component,
  leb,
  longSection as section,
  longText as text,
  vector,
} from "../../gmp/wasm_format/component/_bytes.ts";

/** How one of the components in a row works. */
export interface Stage {
  readonly encoding: "utf8" | "utf16" | "latin1+utf16";
  /** Whether its allocator has the memory grow each time, so that what JavaScript sees of it is gone. */
  readonly grows: boolean;
}

/** A function and the components that pass its values on. */
export interface PassThrough {
  readonly types: readonly TypeNode[];
  readonly parameters: readonly TypeReference[];
  readonly result: TypeReference | null;
  /** Whether it is declared `async`. */
  readonly async: boolean;
  readonly stages: readonly Stage[];
}

const ENCODINGS = { utf8: 0, utf16: 1, "latin1+utf16": 2 } as const;
const PRIMITIVES: Readonly<Record<string, number>> = {
  bool: 0x7f,
  s8: 0x7e,
  u8: 0x7d,
  s16: 0x7c,
  u16: 0x7b,
  s32: 0x7a,
  u32: 0x79,
  s64: 0x78,
  u64: 0x77,
  f32: 0x76,
  f64: 0x75,
  char: 0x74,
  string: 0x73,
};
const CORE: Readonly<Record<FlatType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };
const [TYPE, IMPORT, EXPORT, ALIAS, CANON, CORE_MODULE, CORE_INSTANCE, COMPONENT, INSTANCE] = //
  [7, 10, 11, 6, 8, 1, 2, 4, 5] as const;
const [FUNC, SORT_TYPE] = [1, 3] as const;

/** A component that imports `h` and exports `f`, with all the stages in it. */
export function passThrough(shape: PassThrough): Uint8Array<ArrayBuffer> {
  const { sections, names } = preface(shape);
  const inner = shape.stages.map((stage) => section(COMPONENT, Array.from(stageOf(shape, stage))));
  const given = names.map(({ name, index }) => [...text(name), SORT_TYPE, ...leb(index)]);
  const wiring = shape.stages.flatMap((_, index) => [
    section(INSTANCE, vector([0, ...leb(index), ...vector(...given, [...text("h"), FUNC, ...leb(index)])])),
    section(ALIAS, vector([FUNC, 0, ...leb(index), ...text("f")])),
  ]);
  const last = shape.stages.length;
  return component(
    ...sections,
    ...inner,
    ...wiring,
    section(EXPORT, vector([0, ...text("f"), FUNC, ...leb(last), 0])),
  );
}

/** Imports types that must have names, and a function `h` of the shape's type, whose index is the last one. */
function preface(
  { types, parameters, result, async }: PassThrough,
): { sections: number[][]; names: { name: string; index: number }[]; functionType: number } {
  const sections: number[][] = [];
  const names: { name: string; index: number }[] = [];
  const indices: number[] = [];
  let next = 0;
  const reference = (type: TypeReference) =>
    typeof type === "number" ? signed(indices[type]!) : [PRIMITIVES[type]!];
  types.forEach((type, at) => {
    sections.push(section(TYPE, vector(encode(type, reference))));
    indices[at] = next++;
    if (!["record", "variant", "enum", "flags"].includes(type[0])) return;
    sections.push(section(IMPORT, vector([0, ...text(`t${at}`), SORT_TYPE, 0, ...leb(indices[at]!)])));
    indices[at] = next++;
    names.push({ name: `t${at}`, index: indices[at]! });
  });
  const listed = vector(...parameters.map((type, index) => [...text(`p${index}`), ...reference(type)]));
  const returned = result === null ? [1, 0] : [0, ...reference(result)];
  sections.push(section(TYPE, vector([async ? 0x43 : 0x40, ...listed, ...returned])));
  sections.push(section(IMPORT, vector([0, ...text("h"), FUNC, ...leb(next)])));
  return { sections, names, functionType: next };
}

function encode(type: TypeNode, reference: (type: TypeReference) => number[]): number[] {
  const optional = (type: TypeReference | null) => type === null ? [0] : [1, ...reference(type)];
  switch (type[0]) {
    case "list":
      return type[2] === undefined
        ? [0x70, ...reference(type[1])]
        : [0x67, ...reference(type[1]), ...leb(type[2])];
    case "record":
      return [0x72, ...vector(...type[1].map(([name, part]) => [...text(name), ...reference(part)]))];
    case "tuple":
      return [0x6f, ...vector(...type[1].map(reference))];
    case "variant":
      return [0x71, ...vector(...type[1].map(([name, part]) => [...text(name), ...optional(part), 0]))];
    case "enum":
      return [0x6d, ...vector(...type[1].map(text))];
    case "flags":
      return [0x6e, ...vector(...type[1].map(text))];
    case "option":
      return [0x6b, ...reference(type[1])];
    case "result":
      return [0x6a, ...optional(type[1]), ...optional(type[2])];
    case "map":
      return [0x63, ...reference(type[1]), ...reference(type[2])];
    default:
      throw new Error(`no component passes on a ${type[0]}`);
  }
}

function stageOf(shape: PassThrough, { encoding, grows }: Stage): Uint8Array {
  const { sections, functionType } = preface(shape);
  const { lowered, lifted, space } = coreTypes(shape);
  const options = vector([ENCODINGS[encoding]], [3, 0], [4, 0]); // memory 0, realloc 0
  return component(
    ...sections,
    section(CORE_MODULE, Array.from(allocator(grows))),
    section(CORE_INSTANCE, vector([0, 0, 0])),
    section(ALIAS, vector([0, 2, 1, 0, ...text("memory")], [0, 0, 1, 0, ...text("realloc")])),
    section(CANON, vector([1, 0, 0, ...options])), // core func 1
    section(CORE_MODULE, caller(lowered, lifted, space)),
    section(CORE_INSTANCE, vector([1, ...vector([...text("h"), 0, 1], [...text("realloc"), 0, 0])])),
    section(CORE_INSTANCE, vector([0, 1, ...vector([...text(""), 0x12, 1])])),
    section(ALIAS, vector([0, 0, 1, 2, ...text("f")])), // core func 2
    section(CANON, vector([0, 0, 2, ...options, ...leb(functionType)])),
    section(EXPORT, vector([0, ...text("f"), FUNC, 1, 0])),
  );
}

interface CoreType {
  readonly parameters: readonly FlatType[];
  readonly results: readonly FlatType[];
}

/** What `h` and `f` are in core WebAssembly, and the bytes that the result takes. */
function coreTypes(
  { types, parameters, result }: PassThrough,
): { lowered: CoreType; lifted: CoreType; space: number } {
  const resolved: ValueType[] = [];
  const reference = (type: TypeReference): ValueType => typeof type === "number" ? resolved[type]! : type;
  for (const type of types) resolved.push(resolve(type, reference));
  const flat = flattenAll(parameters.map(reference));
  const given: readonly FlatType[] = flat.length > 16 ? ["i32"] : flat;
  const returned = result === null ? [] : flattenAll([reference(result)]);
  if (returned.length <= 1) {
    const core = { parameters: given, results: returned };
    return { lowered: core, lifted: core, space: 0 };
  }
  return {
    lowered: { parameters: [...given, "i32"], results: [] },
    lifted: { parameters: given, results: ["i32"] },
    space: sizeOf(reference(result!)),
  };
}

function resolve(type: TypeNode, reference: (type: TypeReference) => ValueType): ValueNode {
  const optional = (type: TypeReference | null) => type === null ? null : reference(type);
  switch (type[0]) {
    case "list":
      return node<ValueNode>({
        kind: "list",
        element: reference(type[1]),
        ...type[2] === undefined ? {} : { length: type[2] },
      });
    case "record":
      return node<ValueNode>({
        kind: "record",
        fields: type[1].map(([name, part]) => [name, reference(part)] as const),
      });
    case "tuple":
      return node<ValueNode>({ kind: "tuple", types: type[1].map(reference) });
    case "variant":
      return node<ValueNode>({
        kind: "variant",
        cases: type[1].map(([name, part]) => [name, optional(part)] as const),
      });
    case "enum":
    case "flags":
      return node<ValueNode>({ kind: type[0], labels: type[1] });
    case "option":
      return node<ValueNode>({ kind: "option", type: reference(type[1]) });
    case "result":
      return node<ValueNode>({ kind: "result", ok: optional(type[1]), error: optional(type[2]) });
    case "map":
      return node<ValueNode>({ kind: "map", key: reference(type[1]), value: reference(type[2]) });
    default:
      throw new Error(`no component passes on a ${type[0]}`);
  }
}

/** A core module with `memory`, and `realloc` that never frees: each address is of the alignment asked for, and of no greater one. */
function allocator(grows: boolean): Uint8Array {
  const body = [
    ...[1, 1, 0x7f], // (local $at i32)
    // $at = (next + alignment - 1) & -alignment | alignment, so that it is not aligned to more than that
    ...[0x23, 0, 0x20, 2, 0x6a, 0x41, 1, 0x6b, 0x41, 0, 0x20, 2, 0x6b, 0x71, 0x20, 2, 0x72, 0x21, 4],
    ...[0x20, 4, 0x20, 3, 0x6a, 0x24, 0], // next = $at + size
    ...(grows ? [0x41, 1, 0x40, 0, 0x1a] : []), // memory.grow 1
    // while (next > memory.size * 65536) memory.grow 1
    ...[0x03, 0x40, 0x23, 0, 0x3f, 0, 0x41, 16, 0x74, 0x4b, 0x04, 0x40],
    ...[0x41, 1, 0x40, 0, 0x41, 0x7f, 0x46, 0x04, 0x40, 0x00, 0x0b, 0x0c, 1, 0x0b, 0x0b],
    ...[0x20, 4, 0x0b],
  ];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector([0x60, 4, 0x7f, 0x7f, 0x7f, 0x7f, 1, 0x7f])),
    ...section(3, [1, 0]),
    ...section(5, vector([0, 1])),
    ...section(6, vector([0x7f, 1, 0x41, 16, 0x0b])),
    ...section(7, vector([...text("memory"), 2, 0], [...text("realloc"), 0, 0])),
    ...section(10, vector([...leb(body.length), ...body])),
  ]);
}

/** A core module whose `f` calls `h` with what it is given; a result in memory has room there. */
function caller(lowered: CoreType, lifted: CoreType, space: number): number[] {
  const codes = (types: readonly FlatType[]) => vector(...types.map((type) => [CORE[type]]));
  const type = ({ parameters, results }: CoreType) => [0x60, ...codes(parameters), ...codes(results)];
  const count = lifted.parameters.length;
  const given = lifted.parameters.flatMap((_, index) => [0x20, index]);
  const inMemory = lifted !== lowered;
  const body = inMemory
    ? [
      ...[1, 1, 0x7f, 0x41, 0, 0x41, 0, 0x41, 8, 0x41, ...signed(space), 0x10, 1, 0x21, count],
      ...[...given, 0x20, count, 0x10, 0, 0x20, count, 0x0b],
    ]
    : [0, ...given, 0x10, 0, 0x0b];
  return [
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(type(lowered), [0x60, 4, 0x7f, 0x7f, 0x7f, 0x7f, 1, 0x7f], type(lifted))),
    ...section(2, vector([0, ...text("h"), 0, 0], [0, ...text("realloc"), 0, 1])),
    ...section(3, [1, 2]),
    ...section(7, vector([...text("f"), 0, 2])),
    ...section(10, vector([...leb(body.length), ...body])),
  ];
}

/** A signed LEB128 integer of one that is not negative. */
function signed(value: number): number[] {
  return value < 64 ? [value] : [(value & 127) | 128, ...signed(value >>> 7)];
}
