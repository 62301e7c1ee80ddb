import type {
  ExternalType,
  GlobalType,
  MemoryType,
  ModuleDescription,
  TableType,
} from "../gmp/module_description.ts";
import { formatSignature, showName } from "../gmp/signature.ts";
import type { ModuleInfo, ModuleItem } from "./replies.ts";

/** Imports and exports of a module that are told, each: a large program has a few hundred, a reply a limit. */
const MAX_ITEMS = 1000;
/** Characters of a name that are told. */
const MAX_NAME = 256;
/** Characters of a type that are told. */
const MAX_TEXT = 1024;

/** What a module offers and needs, for people to read. */
export type ModuleListing = Pick<ModuleInfo, "exports" | "imports" | "memories" | "omitted">;

/** The listing of the module that `description` is of. */
export function listModule({ exports, imports, memories }: ModuleDescription): ModuleListing {
  const omitted = [exports, imports, memories].reduce(
    (sum, all) => sum + Math.max(0, all.length - MAX_ITEMS),
    0,
  );
  return {
    exports: exports.slice(0, MAX_ITEMS).map((one) => itemOf(one.name, one)),
    imports: imports.slice(0, MAX_ITEMS).map((one) => itemOf(`${one.module}.${one.name}`, one)),
    memories: memories.slice(0, MAX_ITEMS).map(({ type, imported }) =>
      formatMemory(type) + (imported ? ", imported" : "")
    ),
    omitted,
  };
}

function itemOf(name: string, external: ExternalType): ModuleItem {
  return {
    name: cut(name, MAX_NAME),
    kind: external.kind,
    text: cut(formatExternal(name, external), MAX_TEXT),
  };
}

function formatExternal(name: string, external: ExternalType): string {
  switch (external.kind) {
    case "function":
      return formatSignature(name, external.type);
    case "tag":
      return `${formatSignature(name, external.type)} (tag)`;
    case "memory":
      return `${showName(name)} (memory of ${formatMemory(external.type)})`;
    case "table":
      return `${showName(name)} (table of ${formatTable(external.type)})`;
    case "global":
      return `${showName(name)} (global ${formatGlobal(external.type)})`;
  }
}

function formatMemory({ minimum, maximum, shared, is64 }: MemoryType): string {
  const most = maximum === undefined ? "" : `, up to ${maximum}`;
  return `${minimum} ${minimum === 1 ? "page" : "pages"} of 64 KiB${most}${shared ? ", shared" : ""}${
    is64 ? ", 64-bit" : ""
  }`;
}

function formatTable({ element, minimum, maximum }: TableType): string {
  return `${minimum} ${element}${maximum === undefined ? "" : `, up to ${maximum}`}`;
}

function formatGlobal({ type, mutable }: GlobalType): string {
  return mutable ? `${type}, mutable` : type;
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}
