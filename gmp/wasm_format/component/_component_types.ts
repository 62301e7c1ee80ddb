import type { ComponentCursor } from "./_component_cursor.ts";
import type {
  Alias,
  CoreSort,
  Declaration,
  DefinedType,
  ExternalName,
  ExternType,
  FunctionType,
  Sort,
  TypeDefinition,
} from "./component_description.ts";
import { readCoreTypes } from "./_core_type_reader.ts";
import { readValueType } from "../_module_types.ts";
import type { Primitive, TypeReference } from "../../types/component_types.ts";

const PRIMITIVE_CODES: ReadonlyMap<number, Primitive> = new Map<number, Primitive>([
  [0x7f, "bool"],
  [0x7e, "s8"],
  [0x7d, "u8"],
  [0x7c, "s16"],
  [0x7b, "u16"],
  [0x7a, "s32"],
  [0x79, "u32"],
  [0x78, "s64"],
  [0x77, "u64"],
  [0x76, "f32"],
  [0x75, "f64"],
  [0x74, "char"],
  [0x73, "string"],
  [0x64, "error-context"],
]);

const CORE_SORTS: ReadonlyMap<number, CoreSort> = new Map<number, CoreSort>([
  [0x00, "core func"],
  [0x01, "core table"],
  [0x02, "core memory"],
  [0x03, "core global"],
  [0x04, "core tag"],
  [0x10, "core type"],
  [0x11, "core module"],
  [0x12, "core instance"],
]);

const SORTS: ReadonlyMap<number, Sort> = new Map<number, Sort>([
  [0x01, "func"],
  [0x02, "value"],
  [0x03, "type"],
  [0x04, "component"],
  [0x05, "instance"],
]);

/** A sort of core definitions. */
export function readCoreSort(cursor: ComponentCursor): CoreSort {
  return CORE_SORTS.get(cursor.byte()) ?? cursor.unknown("sort of core definitions");
}

/** A sort of definitions. */
export function readSort(cursor: ComponentCursor): Sort {
  const code = cursor.byte();
  return code === 0 ? readCoreSort(cursor) : SORTS.get(code) ?? cursor.unknown("sort of definitions");
}

/** A value type where one is used: a primitive's name or a type index. */
export function readTypeReference(cursor: ComponentCursor): TypeReference {
  const primitive = PRIMITIVE_CODES.get(cursor.peek());
  if (primitive === undefined) return readSignedIndex(cursor);
  cursor.byte();
  return primitive;
}

function readSignedIndex(cursor: ComponentCursor): number {
  const start = cursor.offset;
  const index = cursor.s33();
  if (index < 0) cursor.fail(`${index} is neither a primitive type nor a type index`, start);
  return index;
}

function readOptionalType(cursor: ComponentCursor): TypeReference | null {
  return cursor.optional("presence of a type", readTypeReference) ?? null;
}

function readLabelled(cursor: ComponentCursor): readonly [string, TypeReference] {
  return [cursor.text(), readTypeReference(cursor)];
}

function readLabel(cursor: ComponentCursor): string {
  return cursor.text();
}

function readCase(cursor: ComponentCursor): readonly [string, TypeReference | null] {
  const label = cursor.text();
  const type = readOptionalType(cursor);
  cursor.zero("end of a case");
  return [label, type];
}

/** The result of a function; `null` if there is none. */
export function readResult(cursor: ComponentCursor): TypeReference | null {
  switch (cursor.byte()) {
    case 0:
      return readTypeReference(cursor);
    case 1:
      cursor.zero("number of named results");
      return null;
    default:
      return cursor.unknown("form of results");
  }
}

function readFunctionType(cursor: ComponentCursor, async: boolean): FunctionType {
  const parameters = cursor.list("parameters", readLabelled);
  return { parameters, result: readResult(cursor), async };
}

/** An entry of a type section (component-model, binary `type`). */
export function readType(cursor: ComponentCursor): TypeDefinition {
  const code = cursor.byte();
  switch (code) {
    case 0x40:
    case 0x43:
      return { kind: "func", type: readFunctionType(cursor, code === 0x43) };
    case 0x41:
      return { kind: "component", declarations: readDeclarations(cursor, true) };
    case 0x42:
      return { kind: "instance", declarations: readDeclarations(cursor, false) };
    case 0x3f: {
      const representation = readValueType(cursor);
      const destructor = cursor.optional("presence of a destructor", (cursor) => cursor.u32());
      return { kind: "resource", representation, ...(destructor === undefined ? {} : { destructor }) };
    }
    default:
      return { kind: "value", type: readDefinedType(cursor, code) };
  }
}

function readDefinedType(cursor: ComponentCursor, code: number): DefinedType {
  switch (code) {
    case 0x72:
      return ["record", cursor.list("fields", readLabelled)];
    case 0x71:
      return ["variant", cursor.list("cases", readCase)];
    case 0x70:
      return ["list", readTypeReference(cursor)];
    case 0x67:
      return ["list", readTypeReference(cursor), cursor.u32()];
    case 0x6f:
      return ["tuple", cursor.list("types of a tuple", readTypeReference)];
    case 0x6e:
      return ["flags", cursor.list("flags", readLabel)];
    case 0x6d:
      return ["enum", cursor.list("cases", readLabel)];
    case 0x6b:
      return ["option", readTypeReference(cursor)];
    case 0x6a:
      return ["result", readOptionalType(cursor), readOptionalType(cursor)];
    case 0x69:
      return ["own", cursor.u32()];
    case 0x68:
      return ["borrow", cursor.u32()];
    case 0x66:
      return ["stream", readOptionalType(cursor)];
    case 0x65:
      return ["future", readOptionalType(cursor)];
    case 0x63:
      return ["map", readTypeReference(cursor), readTypeReference(cursor)];
    default:
      return PRIMITIVE_CODES.get(code) ?? cursor.unknown("type");
  }
}

function readDeclarations(cursor: ComponentCursor, imports: boolean): Declaration[] {
  return cursor.nest((cursor) => cursor.list("declarations", (cursor) => readDeclaration(cursor, imports)));
}

function readDeclaration(cursor: ComponentCursor, imports: boolean): Declaration {
  const at = cursor.offset;
  switch (cursor.byte()) {
    case 0x00: {
      const types = readCoreTypes(cursor);
      // A recursion group in a declaration would be several of them.
      if (types.length !== 1) cursor.fail("a recursion group is declared", at);
      return { at, kind: "core type", type: types[0]! };
    }
    case 0x01:
      return { at, kind: "type", type: readType(cursor) };
    case 0x02:
      return { at, ...readAlias(cursor) };
    case 0x03:
      if (!imports) return cursor.unknown("declaration of an instance type");
      return { at, kind: "import", ...readExternalName(cursor), type: readExternType(cursor) };
    case 0x04:
      return { at, kind: "export", ...readExternalName(cursor), type: readExternType(cursor) };
    default:
      return cursor.unknown("declaration");
  }
}

/** An alias (component-model, binary `alias`). */
export function readAlias(cursor: ComponentCursor): Alias {
  const sort = readSort(cursor);
  switch (cursor.byte()) {
    case 0x00:
      return { kind: "alias", sort, from: "export", instance: cursor.u32(), name: cursor.text() };
    case 0x01:
      return { kind: "alias", sort, from: "core export", instance: cursor.u32(), name: cursor.text() };
    case 0x02:
      return { kind: "alias", sort, from: "outer", count: cursor.u32(), index: cursor.u32() };
    default:
      return cursor.unknown("target of an alias");
  }
}

/** The name of an import or export (component-model, binary `nameattributes`). */
export function readExternalName(cursor: ComponentCursor): ExternalName {
  const form = cursor.byte();
  if (form > 2) cursor.unknown("form of a name");
  const name = cursor.text();
  if (form < 2) return { name };
  const attributes: { implements?: string; versionSuffix?: string; externalId?: string } = {};
  cursor.list("attributes of a name", (cursor) => {
    const start = cursor.offset;
    const [key, value] = readAttribute(cursor);
    if (attributes[key] !== undefined) cursor.fail("an attribute of a name comes twice", start);
    attributes[key] = value;
  });
  return { name, ...attributes };
}

function readAttribute(cursor: ComponentCursor): ["implements" | "versionSuffix" | "externalId", string] {
  switch (cursor.byte()) {
    case 0x00:
      return ["implements", cursor.text()];
    case 0x01:
      return ["versionSuffix", cursor.text()];
    case 0x02:
      return ["externalId", cursor.text()];
    default:
      return cursor.unknown("attribute of a name");
  }
}

/** The type of an import or export (component-model, binary `externtype`). */
export function readExternType(cursor: ComponentCursor): ExternType {
  switch (cursor.byte()) {
    case 0x00:
      if (cursor.byte() !== 0x11) cursor.unknown("core sort of an import or export");
      return { sort: "core module", type: cursor.u32() };
    case 0x01:
      return { sort: "func", type: cursor.u32() };
    case 0x02:
      return { sort: "value", bound: readValueBound(cursor) };
    case 0x03:
      return { sort: "type", bound: readTypeBound(cursor) };
    case 0x04:
      return { sort: "component", type: cursor.u32() };
    case 0x05:
      return { sort: "instance", type: cursor.u32() };
    default:
      return cursor.unknown("sort of an import or export");
  }
}

function readValueBound(cursor: ComponentCursor): { equals: number } | { type: TypeReference } {
  switch (cursor.byte()) {
    case 0:
      return { equals: cursor.u32() };
    case 1:
      return { type: readTypeReference(cursor) };
    default:
      return cursor.unknown("bound of a value");
  }
}

function readTypeBound(cursor: ComponentCursor): { equals: number } | "resource" {
  switch (cursor.byte()) {
    case 0:
      return { equals: cursor.u32() };
    case 1:
      return "resource";
    default:
      return cursor.unknown("bound of a type");
  }
}
