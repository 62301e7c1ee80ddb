import type { Signature, ValueType } from "../types/signature.ts";

/** A linear memory; sizes are in pages of 64 KiB. */
export interface MemoryType {
  /** Pages at the start. */
  readonly minimum: number;
  /** Pages that it may grow to; absent if the module does not say. */
  readonly maximum?: number;
  /** Whether threads may share it. */
  readonly shared: boolean;
  /** Whether it is addressed with i64 rather than i32. */
  readonly is64: boolean;
}

/** A table of references. Sizes above 2^53-1, which no engine can satisfy, become 2^53-1. */
export interface TableType {
  /** The type of its elements. */
  readonly element: ValueType;
  /** Elements at the start. */
  readonly minimum: number;
  /** Elements that it may grow to; absent if the module does not say. */
  readonly maximum?: number;
  /** Whether it is indexed with i64 rather than i32. */
  readonly is64: boolean;
}

/** A global variable. */
export interface GlobalType {
  /** The type of its value. */
  readonly type: ValueType;
  /** Whether it may be written. */
  readonly mutable: boolean;
}

/** What can be imported or exported, with its type; a tag's signature has the values of its exceptions. */
export type ExternalType =
  | { readonly kind: "function"; readonly type: Signature }
  | { readonly kind: "table"; readonly type: TableType }
  | { readonly kind: "memory"; readonly type: MemoryType }
  | { readonly kind: "global"; readonly type: GlobalType }
  | { readonly kind: "tag"; readonly type: Signature };

/** One import: the two names, the kind, and the type that the module asks for. */
export type ImportDescription = { readonly module: string; readonly name: string } & ExternalType;

/** One export: its name, unique in the module, its kind and its type. */
export type ExportDescription = { readonly name: string } & ExternalType;

/** A piece of the file, from byte `start` to before byte `end`. */
export interface ByteRange {
  /** The first byte. */
  readonly start: number;
  /** The byte after the last. */
  readonly end: number;
}

/** One memory of a module. */
export interface MemoryDescription {
  /** Its type. */
  readonly type: MemoryType;
  /** Whether it comes from outside. */
  readonly imported: boolean;
  /** Where its limits are in the file: the flags, the minimum, the maximum. */
  readonly limits: ByteRange;
}

/** One table of a module. */
export interface TableDescription {
  /** Its type. */
  readonly type: TableType;
  /** Whether it comes from outside. */
  readonly imported: boolean;
  /** Where its limits are in the file: the flags, the minimum, the maximum. */
  readonly limits: ByteRange;
}

/** A section that is not custom; `start` is the byte of its id. */
export interface SectionDescription extends ByteRange {
  /** The id of the section in the binary format. */
  readonly id: number;
  /** The first byte after the id and the size. */
  readonly contentStart: number;
}

/** What a module says about itself; made by `readModule`. */
export interface ModuleDescription {
  /** Its imports, in the file's order. */
  readonly imports: readonly ImportDescription[];
  /** Its exports, in the file's order. */
  readonly exports: readonly ExportDescription[];
  /** All its memories by index, imported ones first. */
  readonly memories: readonly MemoryDescription[];
  /** All its tables by index, imported ones first. */
  readonly tables: readonly TableDescription[];
  /** The index of the function that runs when the module is instantiated. */
  readonly start?: number;
  /** The names of the custom sections, in the file's order; a name may repeat. */
  readonly customSections: readonly string[];
  /** Where the other sections are, in the file's order, each at most once. */
  readonly sections: readonly SectionDescription[];
}
