import { isPlugin, isPluginFunction } from "../../gmp/wasm_format/extism.ts";
import type { ExportDescription, ModuleDescription } from "../../gmp/wasm_format/module_description.ts";
import { isDescribed, type NumberType } from "../../gmp/types/value_types.ts";
import { declareInterface, type Member } from "./interface_text.ts";
import { property, TypeNames } from "./names.ts";

const ENTRY_POINTS: ReadonlySet<string> = new Set(["_start", "_initialize"]);
const ARGUMENTS: Readonly<Record<NumberType, string>> = {
  i32: "number | boolean",
  i64: "bigint | number",
  f32: "number",
  f64: "number",
};
const VALUES: Readonly<Record<NumberType, string>> = {
  i32: "number",
  i64: "bigint",
  f32: "number",
  f64: "number",
};

/** The TypeScript declarations of what a core module exports: one interface, called after `name`, of the functions that can be called. */
export function coreDeclarations(description: ModuleDescription, name: string): string {
  const plugin = isPlugin(description);
  const members = description.exports.flatMap((one) => {
    if (one.kind !== "function" || ENTRY_POINTS.has(one.name)) return [];
    return plugin && isPluginFunction(one) ? [pluginMember(one.name)] : numberMember(one);
  });
  const docs = `The functions of ${name}.`;
  return `${declareInterface(docs, new TypeNames().give(name), members)}\n`;
}

function pluginMember(name: string): Member {
  return {
    docs: "@throws {GhostError} `FUNCTION_FAILED`, with the plug-in's message as `payload`.",
    text: `${property(name)}(input: Uint8Array | readonly number[] | string): Promise<Uint8Array>;`,
  };
}

function numberMember({ name, type }: ExportDescription & { readonly kind: "function" }): Member[] {
  const { parameters, results } = type;
  if (!areNumbers(parameters) || !areNumbers(results)) return [];
  const taken = parameters.map((type, index) => `p${index + 1}: ${ARGUMENTS[type]}`).join(", ");
  const [first] = results;
  const returned = first === undefined
    ? "void"
    : results.length === 1
    ? VALUES[first]
    : `[${results.map((type) => VALUES[type]).join(", ")}]`;
  return [{ text: `${property(name)}(${taken}): Promise<${returned}>;` }];
}

function areNumbers(types: readonly string[]): types is readonly NumberType[] {
  return types.every(isDescribed);
}
