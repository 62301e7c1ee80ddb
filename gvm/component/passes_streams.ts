import type { FunctionType, Type } from "./types.ts";

const KNOWN = new WeakMap<FunctionType, boolean>();

/** Whether streams or futures are among the parameters of a function, or in its result: such a call may go on after it has returned. */
export function passesStreams(type: FunctionType): boolean {
  let known = KNOWN.get(type);
  if (known === undefined) KNOWN.set(type, known = look(type));
  return known;
}

function look({ parameters, result }: FunctionType): boolean {
  const seen = new Set<Type>();
  const has = (type: Type | null): boolean => {
    if (type === null || seen.has(type)) return false;
    seen.add(type);
    return type.kind === "stream" || type.kind === "future" || partsOf(type).some(has);
  };
  return [...parameters.map(({ type }) => type), result].some(has);
}

function partsOf(type: Type): readonly (Type | null)[] {
  switch (type.kind) {
    case "list":
      return [type.element];
    case "record":
      return type.fields.map((field) => field.type);
    case "tuple":
      return type.elements;
    case "variant":
      return type.cases.map((one) => one.type);
    case "option":
      return [type.some];
    case "result":
      return [type.ok, type.error];
    case "map":
      return [type.key, type.value];
    default:
      return [];
  }
}
