import type { CanonicalContext } from "./canonical_context.ts";
import { asyncCodec } from "./async_codecs.ts";
import { handleCodec } from "./handle_codecs.ts";
import { listCodec, mapCodec } from "./list_codecs.ts";
import { numberCodec } from "./number_codecs.ts";
import { flagsCodec, recordCodec, tupleCodec } from "./record_codecs.ts";
import { charCodec, stringCodec } from "./text_codecs.ts";
import { enumCodec, optionCodec, resultCodec, variantCodec } from "./variant_codecs.ts";
import type { Layout } from "./layout.ts";
import type { Type } from "./types.ts";

/**
 * How the values of one type pass between JavaScript and a guest (Canonical ABI, "Loading", "Storing", "Flat Lifting",
 * "Flat Lowering"). Whoever calls `load` and `store` has checked that the value is in memory and aligned.
 */
export interface Codec extends Layout {
  /** Bytes that a value takes in JavaScript, about, without its strings and lists. */
  readonly weight: number;
  /** Reads a value at `at` in memory. */
  load(cx: CanonicalContext, at: number): unknown;
  /** Writes `value` at `at` in memory. @throws {UnfitValue} for a value of another type. */
  store(cx: CanonicalContext, value: unknown, at: number): void;
  /** Reads a value from the next core values. */
  lift(cx: CanonicalContext): unknown;
  /** Appends the core values of `value`. @throws {UnfitValue} for a value of another type. */
  lower(cx: CanonicalContext, value: unknown): void;
}

/** The codec of `type`, made once. */
export function codecOf(type: Type): Codec {
  return type.codec ??= prepare(type);
}

function prepare(type: Type): Codec {
  switch (type.kind) {
    case "string":
      return stringCodec();
    case "char":
      return charCodec();
    case "list":
      return listCodec(type.element.kind, codecOf(type.element), type.length);
    case "map":
      return mapCodec(codecOf(type.key), codecOf(type.value));
    case "record":
      return recordCodec(type.fields.map(({ name, type }) => ({ name, codec: codecOf(type) })));
    case "tuple":
      return tupleCodec(type.elements.map(codecOf));
    case "flags":
      return flagsCodec(type.labels);
    case "variant":
      return variantCodec(type.cases.map(({ name, type }) => ({ name, codec: type && codecOf(type) })));
    case "enum":
      return enumCodec(type.labels);
    case "option":
      return optionCodec(codecOf(type.some), type.some.kind === "option");
    case "result":
      return resultCodec(type.ok && codecOf(type.ok), type.error && codecOf(type.error));
    case "own":
    case "borrow":
      return handleCodec(type.kind, type.resource);
    case "stream":
    case "future":
    case "error-context":
      return asyncCodec(type);
    default:
      return numberCodec(type.kind);
  }
}
