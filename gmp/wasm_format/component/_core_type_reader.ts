import type { ComponentCursor } from "./_component_cursor.ts";
import type { CoreExternalType, CoreTypeDefinition, ModuleDeclaration } from "./component_description.ts";
import {
  ARRAY_FORM,
  FINAL_SUBTYPE_FORM,
  FUNCTION_FORM,
  GROUP_FORM,
  readGlobalType,
  readMemoryType,
  readSignature,
  readTableType,
  scanType,
  STRUCT_FORM,
  SUBTYPE_FORM,
} from "../_module_types.ts";

/** An entry of a core type section, which defines one type, or all of a recursion group (`core:deftype`). */
export function readCoreTypes(cursor: ComponentCursor): CoreTypeDefinition[] {
  switch (cursor.peek()) {
    case 0x50:
      cursor.byte();
      return [{ kind: "module", declarations: cursor.nest(readModuleDeclarations) }];
    case 0x00:
      cursor.byte();
      if (cursor.peek() !== SUBTYPE_FORM) cursor.fail("0x00 comes before no subtype");
      scanType(cursor);
      return [{ kind: "other" }];
    case FUNCTION_FORM:
      return [{ kind: "func", type: readSignature(cursor) }];
    case STRUCT_FORM:
    case ARRAY_FORM:
    case FINAL_SUBTYPE_FORM:
      scanType(cursor);
      return [{ kind: "other" }];
    case GROUP_FORM:
      cursor.byte();
      return cursor.list("types of a group", (cursor) => {
        scanType(cursor);
        return { kind: "other" };
      });
    default:
      cursor.byte();
      return cursor.unknown("core type");
  }
}

function readModuleDeclarations(cursor: ComponentCursor): ModuleDeclaration[] {
  return cursor.list("declarations", readModuleDeclaration);
}

function readModuleDeclaration(cursor: ComponentCursor): ModuleDeclaration {
  const at = cursor.offset;
  switch (cursor.byte()) {
    case 0x00:
      return {
        at,
        kind: "import",
        module: cursor.text(),
        name: cursor.text(),
        type: readCoreExternalType(cursor),
      };
    case 0x01: {
      const types = readCoreTypes(cursor);
      if (types.length !== 1) cursor.fail("a recursion group is declared", at);
      return { at, kind: "core type", type: types[0]! };
    }
    case 0x02:
      if (cursor.byte() !== 0x10) cursor.unknown("sort that a module type may alias");
      if (cursor.byte() !== 0x01) cursor.unknown("target of an alias in a module type");
      return { at, kind: "outer alias", count: cursor.u32(), index: cursor.u32() };
    case 0x03:
      return { at, kind: "export", name: cursor.text(), type: readCoreExternalType(cursor) };
    default:
      return cursor.unknown("declaration of a module type");
  }
}

function readCoreExternalType(cursor: ComponentCursor): CoreExternalType {
  switch (cursor.byte()) {
    case 0x00:
      return { kind: "function", type: cursor.u32() };
    case 0x01:
      return { kind: "table", type: readTableType(cursor).type };
    case 0x02:
      return { kind: "memory", type: readMemoryType(cursor).type };
    case 0x03:
      return { kind: "global", type: readGlobalType(cursor) };
    case 0x04:
      cursor.zero("attribute of a tag");
      return { kind: "tag", type: cursor.u32() };
    default:
      return cursor.unknown("kind of core import or export");
  }
}
