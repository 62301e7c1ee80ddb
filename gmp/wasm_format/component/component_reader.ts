import { ComponentCursor, ReadingBudget } from "./_component_cursor.ts";
import { readCoreTypes } from "./_core_type_reader.ts";
import { readCanon } from "./_component_canon.ts";
import {
  readAlias,
  readCoreSort,
  readExternalName,
  readExternType,
  readSort,
  readType,
  readTypeReference,
} from "./_component_types.ts";
import type {
  ComponentDescription,
  CoreInstance,
  Definition,
  Export,
  Import,
  Instance,
  Start,
  ValueDefinition,
} from "./component_description.ts";
import { atOnce, type Steps } from "../_turns.ts";
import { checkHeader, HEADER_LENGTH } from "../header.ts";

export type * from "./component_description.ts";

/**
 * What a component says (component-model, "Binary Format"), nested components included; its core modules are only found, not read. Whatever
 * the bytes are, time is in proportion to their number, and memory is bounded. Indices are not checked: `validateComponent` does that.
 *
 * @throws {GhostError} `NOT_A_MODULE` saying what is wrong and at which byte (also as `details.offset`).
 */
export function readComponent(bytes: Uint8Array): ComponentDescription {
  return atOnce(readComponentInSteps(bytes));
}

/** As {@linkcode readComponent}, but stops after each section. @throws {GhostError} `NOT_A_MODULE`. */
export function readComponentInSteps(bytes: Uint8Array): Steps<ComponentDescription> {
  return readNested(bytes, new ReadingBudget(), 0, bytes.length);
}

function* readNested(
  bytes: Uint8Array,
  budget: ReadingBudget,
  start: number,
  end: number,
): Steps<ComponentDescription> {
  checkHeader(bytes, "component", start, end);
  const definitions: Definition[] = [];
  const customSections: string[] = [];
  const file = new ComponentCursor(bytes, budget, "component", start + HEADER_LENGTH, end);
  while (file.left > 0) {
    const at = file.offset;
    const id = file.byte();
    const kind = SECTIONS[id];
    if (kind === undefined) return file.fail(`there is no section of id ${id}`, at);
    const size = file.u32();
    if (size > file.left) {
      file.fail(`the ${kind.name} announces ${size} bytes and ${file.left} are left`, at);
    }
    const section = new ComponentCursor(bytes, budget, kind.name, file.offset, file.offset + size);
    file.skip(size);
    budget.takeItems(section, 1);
    if (id === 0) customSections.push(readCustom(section));
    else if (id === COMPONENT_SECTION) definitions.push(yield* readComponentSection(section));
    else kind.read?.(section, definitions);
    if (section.left > 0) section.fail(`${section.left} bytes are left over`);
    yield;
  }
  return { range: { start, end }, definitions, customSections };
}

const COMPONENT_SECTION = 4;

/** Reads one section to its end and adds what it defines. */
type ReadSection = (cursor: ComponentCursor, definitions: Definition[]) => void;

/** The sections by their id; custom ones and components are read where the sections are. */
const SECTIONS: readonly { readonly name: string; readonly read?: ReadSection }[] = [
  { name: "custom section" },
  { name: "core module section", read: readCoreModule },
  { name: "core instance section", read: each("core instances", readCoreInstance) },
  { name: "core type section", read: readCoreTypeSection },
  { name: "component section" },
  { name: "instance section", read: each("instances", readInstance) },
  { name: "alias section", read: each("aliases", readAlias) },
  { name: "type section", read: each("types", (cursor) => ({ kind: "type", type: readType(cursor) })) },
  { name: "canon section", read: each("canonical definitions", readCanon) },
  { name: "start section", read: (cursor, definitions) => definitions.push(located(cursor, readStart)) },
  { name: "import section", read: each("imports", readImport) },
  { name: "export section", read: each("exports", readExport) },
  { name: "value section", read: each("values", readValue) },
];

/** A definition without its place in the file. */
type Unlocated = Definition extends infer One ? One extends Definition ? Omit<One, "at"> : never : never;

function located(cursor: ComponentCursor, read: (cursor: ComponentCursor) => Unlocated): Definition {
  const at = cursor.offset;
  return { at, ...read(cursor) } as Definition;
}

function each(what: string, read: (cursor: ComponentCursor) => Unlocated): ReadSection {
  return (cursor, definitions) => {
    cursor.list(what, () => definitions.push(located(cursor, read)));
  };
}

/** The name of a custom section, whose content is skipped. */
function readCustom(cursor: ComponentCursor): string {
  const name = cursor.text();
  cursor.skip(cursor.left);
  return name;
}

function readCoreModule(cursor: ComponentCursor, definitions: Definition[]): void {
  const start = cursor.offset;
  const end = start + cursor.left;
  checkHeader(cursor.bytes, "module", start, end);
  cursor.skip(cursor.left);
  definitions.push({ at: start, kind: "core module", range: { start, end } });
}

function* readComponentSection(cursor: ComponentCursor): Steps<Definition> {
  const at = cursor.offset;
  const end = at + cursor.left;
  cursor.budget.enter(cursor);
  const component = yield* readNested(cursor.bytes, cursor.budget, at, end);
  cursor.budget.leave();
  cursor.skip(cursor.left);
  return { at, kind: "component", component };
}

function readCoreTypeSection(cursor: ComponentCursor, definitions: Definition[]): void {
  cursor.list("core types", () => {
    const at = cursor.offset;
    for (const type of readCoreTypes(cursor)) definitions.push({ at, kind: "core type", type });
  });
}

function readCoreInstance(cursor: ComponentCursor): CoreInstance {
  switch (cursor.byte()) {
    case 0x00:
      return {
        kind: "core instance",
        from: "module",
        module: cursor.u32(),
        arguments: cursor.list("arguments", readCoreArgument),
      };
    case 0x01:
      return {
        kind: "core instance",
        from: "exports",
        exports: cursor.list(
          "exports",
          () => ({ name: cursor.text(), sort: readCoreSort(cursor), index: cursor.u32() }),
        ),
      };
    default:
      return cursor.unknown("form of core instance");
  }
}

function readCoreArgument(cursor: ComponentCursor): { name: string; instance: number } {
  const name = cursor.text();
  if (cursor.byte() !== 0x12) cursor.unknown("argument of a core module; only an instance is");
  return { name, instance: cursor.u32() };
}

function readInstance(cursor: ComponentCursor): Instance {
  switch (cursor.byte()) {
    case 0x00:
      return {
        kind: "instance",
        from: "component",
        component: cursor.u32(),
        arguments: cursor.list(
          "arguments",
          () => ({ name: cursor.text(), sort: readSort(cursor), index: cursor.u32() }),
        ),
      };
    case 0x01:
      return {
        kind: "instance",
        from: "exports",
        exports: cursor.list(
          "exports",
          () => ({ ...readExternalName(cursor), sort: readSort(cursor), index: cursor.u32() }),
        ),
      };
    default:
      return cursor.unknown("form of instance");
  }
}

function readStart(cursor: ComponentCursor): Start {
  return {
    kind: "start",
    function: cursor.u32(),
    arguments: cursor.list("arguments", () => cursor.u32()),
    results: cursor.u32(),
  };
}

function readImport(cursor: ComponentCursor): Import {
  return { kind: "import", ...readExternalName(cursor), type: readExternType(cursor) };
}

function readExport(cursor: ComponentCursor): Export {
  const name = readExternalName(cursor);
  const sort = readSort(cursor);
  const index = cursor.u32();
  const type = cursor.optional("presence of a type", readExternType);
  return { kind: "export", ...name, sort, index, ...(type === undefined ? {} : { type }) };
}

function readValue(cursor: ComponentCursor): ValueDefinition {
  const type = readTypeReference(cursor);
  const size = cursor.u32();
  const start = cursor.offset;
  cursor.skip(size);
  return { kind: "value", type, range: { start, end: cursor.offset } };
}
