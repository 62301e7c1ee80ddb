import type { Primitive } from "../../gmp/types/component_types.ts";
import type { Codec } from "./codec.ts";
import type { ResourceType } from "./resources.ts";

/** A named part of a type. */
interface Part<T> {
  /** Its label in WIT. */
  readonly name: string;
  /** Its type. */
  readonly type: T;
}

/** A value type whose parts are resolved; types that are used in several places are the same object. */
export type Type =
  & (
    | { readonly kind: Primitive }
    | { readonly kind: "list"; readonly element: Type; readonly length: number | undefined }
    | { readonly kind: "record"; readonly fields: readonly Part<Type>[] }
    | { readonly kind: "tuple"; readonly elements: readonly Type[] }
    | { readonly kind: "variant"; readonly cases: readonly Part<Type | null>[] }
    | { readonly kind: "enum" | "flags"; readonly labels: readonly string[] }
    | { readonly kind: "option"; readonly some: Type }
    | { readonly kind: "result"; readonly ok: Type | null; readonly error: Type | null }
    | { readonly kind: "map"; readonly key: Type; readonly value: Type }
    | { readonly kind: "own" | "borrow"; readonly resource: ResourceType }
    | { readonly kind: "stream" | "future"; readonly element: Type | null }
  )
  & {
    /** How its values pass, made when it is first needed. */
    codec?: Codec;
    /** How deep its parts nest, 0 for none. */
    readonly depth: number;
  };

/** The type of a function, resolved. */
export interface FunctionType {
  /** The parameters, in order. */
  readonly parameters: readonly Part<Type>[];
  /** The result; `null` if there is none. */
  readonly result: Type | null;
  /** Whether it is declared `async`. */
  readonly async: boolean;
}

const PRIMITIVE_TYPES = new Map<Primitive, Type>();

/** The type of a primitive, always the same object. */
export function primitive(kind: Primitive): Type {
  let type = PRIMITIVE_TYPES.get(kind);
  if (type === undefined) PRIMITIVE_TYPES.set(kind, type = { kind, depth: 0 });
  return type;
}
