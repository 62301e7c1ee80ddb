import { showValue } from "../types/misfit.ts";
import { quoteBriefly } from "../types/quote.ts";
import { GhostError } from "../errors.ts";
import type { ComponentSignature } from "../types/component_types.ts";
import type { Signature } from "../types/signature.ts";
import type { NumberType } from "../types/value_types.ts";
import type { ExternalType, ModuleDescription } from "./module_description.ts";

/** The namespace from which Extism plug-ins import what their host provides. */
export const EXTISM_NAMESPACE = "extism:host/env";

/** The namespace from which they import functions of the program that Extism is part of. */
export const EXTISM_USER_NAMESPACE = "extism:host/user";

const TYPES: Readonly<Record<string, NumberType>> = { i: "i32", I: "i64" };

/** The functions of the namespace as plug-ins import them: parameters, and result (extism, runtime/src/pdk.rs and kernel/src/lib.rs). */
const FUNCTIONS: Readonly<Record<string, string>> = {
  alloc: "I>I",
  free: "I>",
  length: "I>I",
  length_unsafe: "I>I",
  load_u8: "I>i",
  load_u64: "I>I",
  store_u8: "Ii>",
  store_u64: "II>",
  input_load_u8: "I>i",
  input_load_u64: "I>I",
  input_set: "II>",
  input_offset: ">I",
  input_length: ">I",
  output_set: "II>",
  output_offset: ">I",
  output_length: ">I",
  error_set: "I>",
  error_get: ">I",
  memory_bytes: ">I",
  reset: ">",
  config_get: "I>I",
  var_get: "I>I",
  var_set: "II>",
  http_request: "II>I",
  http_status_code: ">i",
  http_headers: ">I",
  log_trace: "I>",
  log_debug: "I>",
  log_info: "I>",
  log_warn: "I>",
  log_error: "I>",
  get_log_level: ">i",
};

/** The signature of each function of the namespace, by name. */
export const EXTISM_SIGNATURES: ReadonlyMap<string, Signature> = new Map(
  Object.entries(FUNCTIONS).map(([name, letters]) => {
    const [parameters, results] = letters.split(">").map((types) =>
      Array.from(types, (type) => TYPES[type]!)
    );
    return [name, { parameters: parameters!, results: results! }];
  }),
);

/**
 * What each function of a plug-in takes and returns: bytes, or the message of its error. Its file says no more: what
 * the bytes mean, often text or JSON, is between the plug-in and its caller.
 */
export const PLUGIN_SIGNATURE: ComponentSignature = {
  types: [["list", "u8"], ["result", 0, "string"]],
  parameters: [["input", 0]],
  result: 1,
};

/** The configuration of a plug-in: what it reads, by key, with `config_get`. */
export type PluginConfig = Readonly<Record<string, string>>;

/** Most characters of a configuration's keys and values together: it is in one REQUEST, and in memory as long as its session. */
const MAX_CONFIG_LENGTH = 32_768;

/** @throws {GhostError} `BAD_ARGUMENTS` when `config` is no map of texts, or too long. */
export function checkPluginConfig(config: PluginConfig): void {
  if (typeof config !== "object" || config === null) throw notTexts("it", config, "an object of strings");
  for (const [key, value] of Object.entries(config)) {
    if (typeof value !== "string") throw notTexts(quoteBriefly(key), value, "a string");
  }
  const length = Object.entries(config).reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  if (length <= MAX_CONFIG_LENGTH) return;
  throw new GhostError(
    "BAD_ARGUMENTS",
    `Cannot use the configuration: it has ${length} characters, above the limit of ${MAX_CONFIG_LENGTH}`,
    { details: { length, limit: MAX_CONFIG_LENGTH } },
  );
}

function notTexts(what: string, value: unknown, expected: string): GhostError {
  return new GhostError(
    "BAD_ARGUMENTS",
    `Cannot use the configuration: ${what} is ${showValue(value)}, not ${expected}`,
  );
}

/** The same text for the same configuration, in whatever order; none for an empty one. */
export function pluginConfigKey(config: PluginConfig | undefined): string {
  const entries = Object.entries(config ?? {});
  return entries.length === 0 ? "" : JSON.stringify(entries.sort(([a], [b]) => a < b ? -1 : 1));
}

/** Whether a module is an Extism plug-in: it imports a function of {@linkcode EXTISM_NAMESPACE}. */
export function isPlugin({ imports }: Pick<ModuleDescription, "imports">): boolean {
  return imports.some(({ module, kind }) => module === EXTISM_NAMESPACE && kind === "function");
}

/**
 * Whether an export of a plug-in is a function of {@linkcode PLUGIN_SIGNATURE}: in the file it takes nothing and
 * returns an i32, which is 0 unless it failed.
 */
export function isPluginFunction(one: ExternalType): boolean {
  return one.kind === "function" && one.type.parameters.length === 0 && one.type.results.length === 1 &&
    one.type.results[0] === "i32";
}
