import type {
  ExternalType,
  GlobalType,
  MemoryType,
  ModuleDescription,
  TableType,
} from "../../gmp/wasm_format/module_description.ts";
import { writeName } from "../../gmp/types/quote.ts";
import { formatTypes } from "../../gmp/types/signature.ts";
import type { ComponentSignature } from "../../gmp/types/component_types.ts";
import { formatComponentTypes } from "../../gmp/types/type_text.ts";
import type { WorldSide } from "../../gmp/wasm_format/component/component_world.ts";
import { namesToCall } from "../../gmp/wasm_format/component/function_names.ts";
import type { InspectedComponent } from "../../gmp/wasm_format/component/inspect_component.ts";
import { formatWit } from "../../gmp/wasm_format/component/wit_text.ts";
import { MAX_WIT, type ModuleInfo, type ModuleItem } from "../../gmp/messages/module.ts";

/** The limit for listed imports and for listed exports: a large program has a few hundred, and a reply has a cap. */
const MAX_ITEMS = 1000;
/** Characters of a name that are listed: the longest in large C++ and Rust programs have some hundreds. */
const MAX_NAME = 1000;
/** Characters of a name with its type that are listed: mostly a long name and its escapes. */
const MAX_TEXT = 4000;
/** Types of a function that are listed as data: people write a handful, and a reply may have 200,000 values in all. */
const MAX_LISTED_TYPES = 90;

/** A module's exports, imports and memories, for people to read. */
type ModuleListing = Pick<ModuleInfo, "exports" | "imports" | "memories" | "wit" | "omitted">;

/** The listing of a module from its description. */
export function listingOf(description: ModuleDescription | InspectedComponent): ModuleListing {
  return "world" in description ? componentListing(description) : moduleListing(description);
}

function componentListing({ type, world }: InspectedComponent): ModuleListing {
  const called = namesToCall(world.exports.functions);
  // Written once it is known that they are listed: the daemon's thread is everybody's.
  const exports = [
    ...world.exports.functions.map(({ signature }, index) => () => functionItem(called[index]!, signature)),
    ...itemsOf(world.exports),
  ];
  const imports = [
    ...world.imports.functions.flatMap((one) =>
      one.interface === undefined ? [() => functionItem(one.name, one.signature)] : []
    ),
    ...itemsOf(world.imports, "interface", "types"),
  ];
  return {
    exports: exports.slice(0, MAX_ITEMS).map((item) => item()),
    imports: imports.slice(0, MAX_ITEMS).map((item) => item()),
    memories: [],
    wit: formatWit(type, MAX_WIT - 2),
    omitted: Math.max(0, exports.length - MAX_ITEMS) + Math.max(0, imports.length - MAX_ITEMS),
  };
}

function functionItem(name: string, signature: ComponentSignature): ModuleItem {
  const text = cut(name + formatComponentTypes(signature), MAX_TEXT);
  return { name: cut(name, MAX_NAME), kind: "function", text };
}

/** What else there is; the functions of interfaces that are exported are listed themselves. */
function itemsOf({ items }: WorldSide, ...more: string[]): (() => ModuleItem)[] {
  const kinds = ["component", "core module", ...more];
  return items.filter(({ kind }) => kinds.includes(kind)).map(({ name, kind }) => () => ({
    name: cut(name, MAX_NAME),
    kind,
    text: cut(`${name} (${kind})`, MAX_TEXT),
  }));
}

function moduleListing({ exports, imports, memories }: ModuleDescription): ModuleListing {
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
    ...typesOf(external),
  };
}

/** The types as data, for programs. */
function typesOf(external: ExternalType): Pick<ModuleItem, "parameters" | "results"> {
  if (external.kind !== "function" && external.kind !== "tag") return {};
  const { parameters, results } = external.type;
  return parameters.length + results.length > MAX_LISTED_TYPES ? {} : { parameters, results };
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
