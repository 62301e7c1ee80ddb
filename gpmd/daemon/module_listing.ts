import type {
  ExternalType,
  GlobalType,
  MemoryType,
  ModuleDescription,
  TableType,
} from "../../gmp/wasm_format/module_description.ts";
import { writeName } from "../../gmp/types/quote.ts";
import { formatTypes } from "../../gmp/types/signature.ts";
import type { ModuleInfo, ModuleItem } from "../../gmp/messages/module.ts";

/** The limit for listed imports and for listed exports: a large program has a few hundred, and a reply has a cap. */
const MAX_ITEMS = 1000;
/** Characters of a name that are listed: the longest in large C++ and Rust programs have some hundreds. */
const MAX_NAME = 1000;
/** Characters of a name with its type that are listed: mostly a long name and its escapes. */
const MAX_TEXT = 4000;

/** A module's exports, imports and memories, for people to read. */
type ModuleListing = Pick<ModuleInfo, "exports" | "imports" | "memories" | "omitted">;

/** The listing of a module from its description. */
export function listingOf({ exports, imports, memories }: ModuleDescription): ModuleListing {
  const omitted = [exports, imports, memories].reduce(
    (sum, all) => sum + Math.max(0, all.length - MAX_ITEMS),
    0,
  );
  return {
    exports: exports.slice(0, MAX_ITEMS).map((one) => itemOf(one.name, writeName(one.name), one)),
    imports: imports.slice(0, MAX_ITEMS).map((one) =>
      itemOf(`${one.module}.${one.name}`, `${writeName(one.module)}.${writeName(one.name)}`, one)
    ),
    memories: memories.slice(0, MAX_ITEMS).map(({ type, imported }) =>
      formatMemory(type) + (imported ? ", imported" : "")
    ),
    omitted,
  };
}

/** `written` is `name` as the prompt takes it; if cut, it may lack its closing quote or no longer be an identifier. */
function itemOf(name: string, written: string, external: ExternalType): ModuleItem {
  return {
    name: cut(name, MAX_NAME),
    kind: external.kind,
    text: cut(written + formatExternal(external), MAX_TEXT),
  };
}

function formatExternal(external: ExternalType): string {
  switch (external.kind) {
    case "function":
      return formatTypes(external.type);
    case "tag":
      return `${formatTypes(external.type)} (tag)`;
    case "memory":
      return ` (memory of ${formatMemory(external.type)})`;
    case "table":
      return ` (table of ${formatTable(external.type)})`;
    case "global":
      return ` (global ${formatGlobal(external.type)})`;
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
  if (text.length <= length) return text;
  return `${text.slice(0, length).replace(/[\ud800-\udbff]$/, "")}…`;
}
