import type {
  DefinedType,
  Definition,
  TypeDefinition,
} from "../../gmp/wasm_format/component/component_reader.ts";

/** How many parts a definition lists: each becomes an object when it is run. */
export function partsOf(definition: Definition): number {
  switch (definition.kind) {
    case "type":
      return partsOfType(definition.type);
    case "core instance":
    case "instance":
      return definition.from === "exports" ? definition.exports.length : definition.arguments.length;
    default:
      return 0;
  }
}

/** The same of a definition of a type; what an instance declares counts when there is one. */
export function partsOfType(type: TypeDefinition): number {
  if (type.kind === "func") return type.type.parameters.length;
  return type.kind === "value" ? partsOfValue(type.type) : 0;
}

function partsOfValue(type: DefinedType): number {
  return typeof type !== "string" && Array.isArray(type[1]) ? type[1].length : 0;
}
