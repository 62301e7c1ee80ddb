import { MAX_TYPE_DEPTH } from "../../gmp/types/check_types.ts";
import type { TypeReference } from "../../gmp/types/component_types.ts";
import type {
  DefinedType,
  FunctionType as FunctionDescription,
} from "../../gmp/wasm_format/component/component_reader.ts";
import type { ResourceType } from "./resources.ts";
import { invalid, type Scope } from "./scope.ts";
import { type FunctionType, primitive, type Type } from "./types.ts";

// deno-lint-ignore no-explicit-any -- distributes over the union
type WithoutDepth = Type extends infer T ? T extends any ? Omit<T, "depth" | "codec"> : never : never;

/** The type that `reference` means in `scope`. @throws {GhostError} `NOT_A_MODULE`. */
export function resolveType(scope: Scope, reference: TypeReference): Type {
  if (typeof reference === "string") return primitive(reference);
  const entity = scope.get("type", reference);
  return entity.kind === "value" ? entity.type : invalid(`type ${reference} is not of values`);
}

/** The resource type of that index. @throws {GhostError} `NOT_A_MODULE`. */
export function resolveResource(scope: Scope, index: number): ResourceType {
  const entity = scope.get("type", index);
  return entity.kind === "resource" ? entity.resource : invalid(`type ${index} is not a resource`);
}

/** The function type of that index. @throws {GhostError} `NOT_A_MODULE`. */
export function resolveFunction(scope: Scope, index: number): FunctionType {
  const entity = scope.get("type", index);
  return entity.kind === "func" ? entity.type : invalid(`type ${index} is not of functions`);
}

/** `description` with its types resolved. @throws {GhostError} `NOT_A_MODULE`. */
export function defineFunction(
  scope: Scope,
  { parameters, result, async }: FunctionDescription,
): FunctionType {
  return {
    parameters: parameters.map(([name, type]) => ({ name, type: resolveType(scope, type) })),
    result: result === null ? null : resolveType(scope, result),
    async,
  };
}

/** `type` with its parts resolved. @throws {GhostError} `NOT_A_MODULE`, also when it nests too deep. */
export function defineType(scope: Scope, type: DefinedType): Type {
  if (typeof type === "string") return primitive(type);
  let depth = 0;
  const part = (reference: TypeReference): Type => {
    const found = resolveType(scope, reference);
    depth = Math.max(depth, found.depth + 1);
    return found;
  };
  const optional = (reference: TypeReference | null): Type | null =>
    reference === null ? null : part(reference);
  const resolved = resolveParts(scope, type, part, optional);
  if (depth > MAX_TYPE_DEPTH) invalid(`a type nests deeper than ${MAX_TYPE_DEPTH}`);
  return { ...resolved, depth } as Type;
}

function resolveParts(
  scope: Scope,
  type: Exclude<DefinedType, string>,
  part: (reference: TypeReference) => Type,
  optional: (reference: TypeReference | null) => Type | null,
): WithoutDepth {
  switch (type[0]) {
    case "list":
      return { kind: "list", element: part(type[1]), length: type[2] };
    case "record":
      return { kind: "record", fields: type[1].map(([name, type]) => ({ name, type: part(type) })) };
    case "tuple":
      return { kind: "tuple", elements: type[1].map(part) };
    case "variant":
      return { kind: "variant", cases: type[1].map(([name, type]) => ({ name, type: optional(type) })) };
    case "enum":
    case "flags":
      return { kind: type[0], labels: type[1] };
    case "option":
      return { kind: "option", some: part(type[1]) };
    case "result":
      return { kind: "result", ok: optional(type[1]), error: optional(type[2]) };
    case "map":
      return { kind: "map", key: part(type[1]), value: part(type[2]) };
    case "own":
    case "borrow":
      return { kind: type[0], resource: resolveResource(scope, type[1]) };
    case "stream":
    case "future":
      return { kind: type[0], element: optional(type[1]) };
  }
}
