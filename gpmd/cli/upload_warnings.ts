import { GhostError } from "../../gmp/errors.ts";
import type { ModuleInfo, ModuleItem, UploadedModule } from "../../gmp/messages/module.ts";
import { isPlainAtPrompt } from "../../gmp/names.ts";
import { quote } from "../../gmp/types/quote.ts";
import { isDescribed } from "../../gmp/types/value_types.ts";
import { toolchainAdvice, toolchainOf } from "../../gmp/wasm_format/toolchain.ts";
import { isHostInterface } from "../../gmp/wasm_format/host_interfaces.ts";
import { ENTRY_SIGNATURE, hostSignature } from "../../gmp/wasm_format/host_signatures.ts";
import type { GpmdClient } from "../client/client.ts";

/** Imports that are named in one warning. */
const NAMED_IMPORTS = 5;

/** What will not work with a module that was just published: sentences, none for most modules. */
export async function warningsOf(gpmd: GpmdClient, { name, version }: UploadedModule): Promise<string[]> {
  try {
    const [info, modules] = await Promise.all([gpmd.info(name, version), gpmd.list()]);
    const latest = modules.find((one) => one.name === name)?.latest ?? version;
    return [
      ...importWarnings(info),
      ...toolchainWarnings(info),
      ...exportWarnings(info),
      ...nameWarnings(info, latest),
    ];
  } catch (error) {
    // Another device may grant uploads and no questions; and another command may have removed it at once.
    const gone = error instanceof GhostError &&
      ["NOT_GRANTED", "MODULE_NOT_FOUND", "VERSION_NOT_FOUND"].includes(error.code);
    if (gone) return [];
    throw error;
  }
}

function importWarnings({ imports, wit }: ModuleInfo): string[] {
  if (wit !== undefined) {
    const unknown = imports.filter(({ kind, name }) =>
      kind !== "types" && (kind !== "interface" || !isHostInterface(name))
    );
    return unknown.length === 0 ? [] : [notProvided(unknown)];
  }
  const unknown = imports.filter((one) => one.kind !== "memory" && providedFor(one) === undefined);
  const others = imports.filter((one) => {
    const provided = providedFor(one);
    return provided !== undefined && !hasTypes(one, provided);
  });
  return [
    ...unknown.length === 0 ? [] : [notProvided(unknown)],
    ...others.length === 0
      ? []
      : [`what it imports is provided with another signature, so it cannot run: ${texts(others)}`],
  ];
}

function notProvided(imports: readonly ModuleItem[]): string {
  return `nobody provides what it imports, so it cannot run: ${texts(imports)}`;
}

function toolchainWarnings({ imports, exports }: ModuleInfo): string[] {
  const names = (items: readonly ModuleItem[]) => items.map(({ name }) => name);
  const toolchain = toolchainOf({ imports: names(imports), exports: names(exports) });
  return toolchain === undefined ? [] : [toolchainAdvice(toolchain)];
}

function exportWarnings({ exports, omitted, wit }: ModuleInfo): string[] {
  if (omitted > 0) return []; // it may be among those that are not listed
  if (wit !== undefined) {
    return exports.some(({ kind }) => kind === "function") ? [] : ["it exports no function to call"];
  }
  const entries = exports.filter(({ name }) => name === "_start" || name === "_initialize");
  const wrong = entries.filter((one) => !hasTypes(one, ENTRY_SIGNATURE));
  const functions = exports.filter((one) => one.kind === "function" && !entries.includes(one));
  const canBeCalled = functions.some(({ parameters = ["ref"], results = [] }) =>
    [...parameters, ...results].every(isDescribed)
  );
  const canDo = canBeCalled || entries.some(({ name }) => name === "_start");
  return [
    ...wrong.length === 0 ? [] : [`an entry point takes and returns nothing, unlike ${texts(wrong)}`],
    ...canDo ? [] : [
      functions.length === 0
        ? "it has no _start to run, and exports no function to call"
        : `it has no _start to run, and no function whose values can all be passed: ${texts(functions)}`,
    ],
  ];
}

function nameWarnings({ name, version }: ModuleInfo, latest: string): string[] {
  return [
    ...isPlainAtPrompt(name)
      ? []
      : [`the prompt reads ${name} otherwise; write it in quotes there: ${quote(name)}`],
    ...latest === version
      ? []
      : [`${version} is not the latest version: ${latest} is, and it is used where no version is named`],
  ];
}

/** The signature of the function that is provided for an import. */
function providedFor({ name, kind }: ModuleItem) {
  if (kind !== "function") return undefined;
  // The names of functions that are provided have no dot.
  const dot = name.lastIndexOf(".");
  return hostSignature(name.slice(0, dot), name.slice(dot + 1));
}

function hasTypes(item: ModuleItem, { parameters, results }: typeof ENTRY_SIGNATURE): boolean {
  return item.kind === "function" && item.parameters?.join() === parameters.join() &&
    item.results?.join() === results.join();
}

function texts(items: readonly ModuleItem[]): string {
  const more = items.length - NAMED_IMPORTS;
  const shown = items.slice(0, NAMED_IMPORTS).map(({ text }) => text).join(", ");
  return more > 0 ? `${shown} and ${more} more` : shown;
}
