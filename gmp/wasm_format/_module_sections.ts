import { ByteReader, failAt } from "./_byte_reader.ts";
import {
  FUNCTION_FORM,
  readGlobalType,
  readMemoryType,
  readSignature,
  readTableType,
  scanTypes,
  skipConstant,
} from "./_module_types.ts";
import type {
  ExportDescription,
  ExternalType,
  ImportDescription,
  MemoryDescription,
  SectionDescription,
  TableDescription,
} from "./module_description.ts";
import { showName } from "../types/quote.ts";
import type { Signature } from "../types/signature.ts";

/** The limit for functions, for globals and for tags, as in the WebAssembly JavaScript interface. */
export const MAX_DEFINITIONS = 1_000_000;

/**
 * The limit for imports, for exports, for tables and for custom sections. The interface allows more of some, but each
 * becomes an object of some 100 bytes from as few as 3, and no compiler's output comes near.
 */
export const MAX_DESCRIBED = 100_000;

/**
 * Bytes of all names of imports, exports and custom sections together: 100,000 of the longest that compilers make.
 * Names stay in memory, and decoding one of megabytes blocks the thread.
 */
const MAX_NAME_BYTES = 1 << 24;

/** Parameters and results of all imported and exported functions, each type once: 1 byte becomes 8 in memory. */
const MAX_DESCRIBED_VALUES = 1_000_000;

/** The limit for memories, imported ones included, as in the interface, though V8 takes more. */
const MAX_MEMORIES = 100;

/** What the sections have said so far; indices count imports first, as in the file. */
export class ModuleDraft {
  /** The whole file. */
  readonly bytes: Uint8Array;
  /** The offset of each type's form: a type is decoded only if an import or export uses it. */
  readonly types: number[] = [];
  /** The type index of each function. */
  readonly functions: number[] = [];
  /** How many of the functions must have a body. */
  bodies = 0;
  /** The offset of each global's type. */
  readonly globals: number[] = [];
  /** The type index of each tag. */
  readonly tags: number[] = [];
  readonly tables: TableDescription[] = [];
  readonly memories: MemoryDescription[] = [];
  readonly imports: ImportDescription[] = [];
  readonly exports: ExportDescription[] = [];
  readonly customSections: string[] = [];
  readonly sections: SectionDescription[] = [];
  start: number | undefined;
  readonly #signatures = new Map<number, Signature>();
  #nameBytes = 0;
  #values = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** The name that comes next in `reader`. */
  name(reader: ByteReader): string {
    const start = reader.offset;
    const name = reader.name(
      MAX_NAME_BYTES - this.#nameBytes,
      `the names have over ${MAX_NAME_BYTES} bytes together`,
    );
    this.#nameBytes += reader.offset - start;
    return name;
  }

  /** Shared by all functions of the type, so that a thousand exports of a thousand parameters do not take a million. */
  signature(typeIndex: number): Signature {
    const known = this.#signatures.get(typeIndex);
    if (known !== undefined) return known;
    const offset = this.types[typeIndex]!;
    const signature = readSignature(this.#readerAt(offset));
    this.#values += signature.parameters.length + signature.results.length;
    if (this.#values > MAX_DESCRIBED_VALUES) {
      failAt(
        offset,
        `the imports and exports have over ${MAX_DESCRIBED_VALUES} parameters and results together`,
      );
    }
    this.#signatures.set(typeIndex, signature);
    return signature;
  }

  /** The function, table, memory, global or tag (kinds 0 to 4) whose index comes next in `reader`. */
  external(kind: number, reader: ByteReader): ExternalType {
    switch (kind) {
      case 0:
        return { kind: "function", type: this.signature(item(reader, "function", this.functions)) };
      case 1:
        return { kind: "table", type: item(reader, "table", this.tables).type };
      case 2:
        return { kind: "memory", type: item(reader, "memory", this.memories).type };
      case 3:
        return { kind: "global", type: readGlobalType(this.#readerAt(item(reader, "global", this.globals))) };
      case 4:
        return { kind: "tag", type: this.signature(item(reader, "tag", this.tags)) };
      default:
        reader.fail(`${kind} is no kind of export`, reader.offset - 1);
    }
  }

  /** Reads again what is known to be well-formed, so that its end does not matter. */
  #readerAt(offset: number): ByteReader {
    return new ByteReader(this.bytes, "file", offset, this.bytes.length);
  }
}

/** One kind of section; without `read`, its content is skipped. */
interface SectionKind {
  readonly id: number;
  readonly name: string;
  /** Reads it, and yields now and then: a section may have millions of items. */
  readonly read?: (draft: ModuleDraft, reader: ByteReader) => Generator<void, void, void>;
}

/** The section whose bodies are counted. */
export const CODE_SECTION = 10;

/** The sections that are not custom, in the order that a file must follow. */
export const SECTION_KINDS: readonly SectionKind[] = [
  { id: 1, name: "type section", read: readTypes },
  { id: 2, name: "import section", read: readImports },
  { id: 3, name: "function section", read: readFunctions },
  { id: 4, name: "table section", read: readTables },
  { id: 5, name: "memory section", read: readMemories },
  { id: 13, name: "tag section", read: readTags },
  { id: 6, name: "global section", read: readGlobals },
  { id: 7, name: "export section", read: readExports },
  { id: 8, name: "start section", read: readStart },
  { id: 9, name: "element section" },
  { id: 12, name: "data count section" },
  { id: CODE_SECTION, name: "code section" },
  { id: 11, name: "data section" },
];

/** Items of a section that are read before it yields; each may have 10,000 fields, or 2000 parameters and results. */
const ITEMS = 64;

function* readTypes(draft: ModuleDraft, reader: ByteReader): Generator<void, void, void> {
  for (const offset of scanTypes(reader)) {
    draft.types.push(offset);
    if (draft.types.length % ITEMS === 0) yield;
  }
}

function* readImports(draft: ModuleDraft, reader: ByteReader): Generator<void, void, void> {
  for (let count = reader.count("imports", MAX_DESCRIBED); count > 0; count--) {
    const module = draft.name(reader);
    const name = draft.name(reader);
    draft.imports.push({ module, name, ...readImportType(draft, reader) });
    if (count % ITEMS === 0) yield;
  }
}

function readImportType(draft: ModuleDraft, reader: ByteReader): ExternalType {
  const kind = reader.byte();
  switch (kind) {
    case 0: {
      const index = readFunctionType(draft, reader);
      draft.functions.push(index);
      return { kind: "function", type: draft.signature(index) };
    }
    case 1: {
      const table = readTableType(reader);
      draft.tables.push({ imported: true, ...table });
      return { kind: "table", type: table.type };
    }
    case 2:
      return { kind: "memory", type: readMemory(draft, reader, true).type };
    case 3:
      draft.globals.push(reader.offset);
      return { kind: "global", type: readGlobalType(reader) };
    case 4: {
      const index = readTagType(draft, reader);
      draft.tags.push(index);
      return { kind: "tag", type: draft.signature(index) };
    }
    default:
      reader.fail(`${kind} is no kind of import`, reader.offset - 1);
  }
}

function* readFunctions(draft: ModuleDraft, reader: ByteReader): Generator<void, void, void> {
  draft.bodies = reader.count("functions", MAX_DEFINITIONS);
  for (let count = draft.bodies; count > 0; count--) {
    draft.functions.push(readFunctionType(draft, reader));
    if (count % ITEMS === 0) yield;
  }
}

/** The index of a type, which must be a function's. */
function readFunctionType(draft: ModuleDraft, reader: ByteReader): number {
  const start = reader.offset;
  const index = readIndex(reader, "type", draft.types.length);
  if (draft.bytes[draft.types[index]!] !== FUNCTION_FORM) {
    reader.fail(`type ${index} is named and is no function's`, start);
  }
  return index;
}

function* readTables(draft: ModuleDraft, reader: ByteReader): Generator<void, void, void> {
  for (let count = reader.count("tables", MAX_DESCRIBED); count > 0; count--) {
    const hasInitialValue = reader.peek() === 0x40;
    if (hasInitialValue) {
      reader.byte();
      if (reader.byte() !== 0) reader.fail("the reserved byte of a table is not 0", reader.offset - 1);
    }
    draft.tables.push({ imported: false, ...readTableType(reader) });
    if (hasInitialValue) yield* skipConstant(reader);
    if (count % ITEMS === 0) yield;
  }
}

// deno-lint-ignore require-yield -- there are few
function* readMemories(draft: ModuleDraft, reader: ByteReader): Generator<void, void, void> {
  for (let count = reader.count("memories", MAX_MEMORIES); count > 0; count--) {
    readMemory(draft, reader, false);
  }
}

function readMemory(draft: ModuleDraft, reader: ByteReader, imported: boolean): MemoryDescription {
  if (draft.memories.length === MAX_MEMORIES) reader.fail(`there are over ${MAX_MEMORIES} memories`);
  const memory = { imported, ...readMemoryType(reader) };
  draft.memories.push(memory);
  return memory;
}

function* readTags(draft: ModuleDraft, reader: ByteReader): Generator<void, void, void> {
  for (let count = reader.count("tags", MAX_DEFINITIONS); count > 0; count--) {
    draft.tags.push(readTagType(draft, reader));
    if (count % ITEMS === 0) yield;
  }
}

function readTagType(draft: ModuleDraft, reader: ByteReader): number {
  if (reader.byte() !== 0) reader.fail("the attribute of a tag is not 0", reader.offset - 1);
  return readFunctionType(draft, reader);
}

function* readGlobals(draft: ModuleDraft, reader: ByteReader): Generator<void, void, void> {
  for (let count = reader.count("globals", MAX_DEFINITIONS); count > 0; count--) {
    draft.globals.push(reader.offset);
    readGlobalType(reader);
    yield* skipConstant(reader);
    if (count % ITEMS === 0) yield;
  }
}

function* readExports(draft: ModuleDraft, reader: ByteReader): Generator<void, void, void> {
  const names = new Set<string>();
  for (let count = reader.count("exports", MAX_DESCRIBED); count > 0; count--) {
    const start = reader.offset;
    const name = draft.name(reader);
    if (names.has(name)) reader.fail(`two exports have the name ${showName(name)}`, start);
    names.add(name);
    draft.exports.push({ name, ...draft.external(reader.byte(), reader) });
    if (count % ITEMS === 0) yield;
  }
}

// deno-lint-ignore require-yield -- there is one
function* readStart(draft: ModuleDraft, reader: ByteReader): Generator<void, void, void> {
  const index = readIndex(reader, "function", draft.functions.length);
  const { parameters, results } = draft.signature(draft.functions[index]!);
  if (parameters.length + results.length > 0) reader.fail("the start function takes or returns values");
  draft.start = index;
}

/** The item whose index comes next. */
function item<T>(reader: ByteReader, what: string, items: readonly T[]): T {
  return items[readIndex(reader, what, items.length)]!;
}

/** An index that must be below `length`. */
function readIndex(reader: ByteReader, what: string, length: number): number {
  const start = reader.offset;
  const index = reader.u32();
  if (index >= length) reader.fail(`${what} ${index} is named and there are ${length}`, start);
  return index;
}
