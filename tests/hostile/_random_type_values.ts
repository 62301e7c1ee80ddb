/** Values for the functions of components, such as nobody would think of, and some that do not fit. */
import { camelCase } from "../../gmp/types/camel_case.ts";
import type { Type } from "../../gvm/component/types.ts";
import type { Random } from "../gmp/_wire.ts";

const TEXTS = [
  "",
  "a",
  "é",
  "Ж text",
  "\u{1f600}",
  "\0",
  "ÿ",
  "Ā",
  "\ufeffbom",
  "x".repeat(25),
  "€".repeat(2000),
];
const HALVES = ["\ud800", "a\udfff"];
const FLOATS = [0, -0, 1.5, NaN, Infinity, -Infinity, 2 ** 53, 1e-310, 3.4e38, 1e300];
const WRONG = [undefined, null, {}, [], "text", 1.5, -1, 2 ** 53, -(2n ** 64n), Symbol.iterator, () => 1];

const RANGES: Readonly<Record<string, readonly [least: number, greatest: number]>> = {
  s8: [-128, 127],
  u8: [0, 255],
  s16: [-32_768, 32_767],
  u16: [0, 65_535],
  s32: [-(2 ** 31), 2 ** 31 - 1],
  u32: [0, 2 ** 32 - 1],
};

/** Most parts of a value: a type of a few bytes may have millions. */
const MOST_PARTS = 10_000;

/** A value of `type`; one in `wrongs` parts of it, if that is above 0, is of another one, and what is too large is cut. */
export function randomValue(random: Random, type: Type, wrongs = 0, budget = { left: MOST_PARTS }): unknown {
  budget.left -= 1;
  if (budget.left < 0) return undefined;
  if (wrongs > 0 && random.below(wrongs) === 0) return random.of(WRONG);
  const part = (type: Type): unknown =>
    budget.left < 0 ? undefined : randomValue(random, type, wrongs, budget);
  switch (type.kind) {
    case "bool":
      return random.below(2) === 0;
    case "s64":
      return random.of([0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, 1n << 32n]);
    case "u64":
      return random.of([0n, 1n, 2n ** 64n - 1n, 2n ** 63n, 2n ** 53n + 1n, 1n << 32n]);
    case "f32":
      return Math.fround(random.of(FLOATS));
    case "f64":
      return random.of(FLOATS);
    case "char":
      return random.of(["a", "\0", "é", "\ud7ff", "\ue000", "\u{10ffff}"]);
    case "string":
      return wrongs > 0 && random.below(4) === 0 ? random.of(HALVES) : random.of(TEXTS);
    case "list":
      return Array.from(
        { length: Math.min(type.length ?? random.below(4), MOST_PARTS) },
        () => part(type.element),
      );
    case "map":
      return new Map(Array.from({ length: random.below(4) }, () => [part(type.key), part(type.value)]));
    case "record":
      return Object.fromEntries(type.fields.map(({ name, type }) => [camelCase(name), part(type)]));
    case "tuple":
      return type.elements.map(part);
    case "variant": {
      const { name, type: payload } = random.of(type.cases);
      return payload === null ? { tag: name } : { tag: name, val: part(payload) };
    }
    case "enum":
      return random.of(type.labels);
    case "flags":
      return Object.fromEntries(type.labels.map((label) => [camelCase(label), random.below(2) === 0]));
    case "option":
      if (type.some.kind !== "option") return random.below(2) === 0 ? undefined : part(type.some);
      return random.below(2) === 0 ? { tag: "none" } : { tag: "some", val: part(type.some) };
    case "result": {
      const [tag, payload] = random.below(2) === 0 ? ["ok", type.ok] as const : ["err", type.error] as const;
      return payload === null ? { tag } : { tag, val: part(payload) };
    }
    case "future":
      return Promise.resolve(type.element && part(type.element));
    case "stream":
      return (async function* () {})();
    case "own":
    case "borrow":
    case "error-context":
      return {};
    default: {
      const [least, greatest] = RANGES[type.kind]!;
      return random.of([0, 1, least, greatest, least + random.below(greatest - least)]);
    }
  }
}
