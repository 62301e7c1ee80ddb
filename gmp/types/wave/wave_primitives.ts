import type { Primitive } from "../component_types.ts";
import type { WaveNode } from "./wave_node.ts";

/** The least and the greatest value of the integers. */
const INTEGERS: Partial<Record<Primitive, readonly [bigint, bigint]>> = {
  s8: [-0x80n, 0x7fn],
  u8: [0n, 0xffn],
  s16: [-0x8000n, 0x7fffn],
  u16: [0n, 0xffffn],
  s32: [-0x8000_0000n, 0x7fff_ffffn],
  u32: [0n, 0xffff_ffffn],
  s64: [-(2n ** 63n), 2n ** 63n - 1n],
  u64: [0n, 2n ** 64n - 1n],
};

/** The value of `node` as a `type`; `undefined` if it does not fit. */
export function readPrimitive(node: WaveNode, type: Primitive): unknown {
  switch (type) {
    case "bool":
      return node.kind === "boolean" ? node.value : undefined;
    case "f32":
    case "f64":
      if (node.kind !== "number" || node.foreign === true) return undefined;
      return type === "f32" ? Math.fround(Number(node.value)) : Number(node.value);
    case "char":
      return node.kind === "text" && node.foreign !== true && isCharacter(node.value)
        ? node.value
        : undefined;
    case "string":
      return node.kind === "text" ? node.value : undefined;
    case "error-context":
      return undefined;
    default:
      return node.kind === "number" ? integer(node.value, type) : undefined;
  }
}

function integer(value: number | bigint, type: Primitive): number | bigint | undefined {
  const [least, greatest] = INTEGERS[type]!;
  if (typeof value === "number" && !Number.isSafeInteger(value)) return undefined;
  const exact = BigInt(value);
  if (exact < least || exact > greatest) return undefined;
  return type === "s64" || type === "u64" ? exact : Number(exact);
}

function isCharacter(text: string): boolean {
  const point = text.codePointAt(0);
  return point !== undefined && String.fromCodePoint(point) === text;
}

/** What a message adds to the name of a type, so that one sees what it takes. */
export function rangeOf(node: WaveNode, type: Primitive): string {
  const range = INTEGERS[type];
  if (range !== undefined) return `, an integer from ${range[0]} to ${range[1]}`;
  if (node.kind !== "number" || node.foreign !== true) return "";
  return `, which writes ${Number.isNaN(node.value) ? "NaN as nan" : "Infinity as inf"}`;
}
