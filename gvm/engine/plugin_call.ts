import { type ComponentCodec, prepareComponentCodec } from "../../gmp/types/component_codec.ts";
import { isPluginFunction, PLUGIN_SIGNATURE } from "../../gmp/wasm_format/extism.ts";
import type { Plugin, PluginResult } from "../extism/plugin.ts";
import { ExitStatus } from "../wasi/mod.ts";
import type { CompiledCoreModule } from "./compiled_module.ts";
import type { Callable } from "./inline_function.ts";
import { trapOf } from "./trap.ts";

/** Bytes of the length ahead of a list. */
const COUNT_BYTES = 4;

let codec: ComponentCodec | undefined;

/**
 * The function `name` of a plug-in, of which `exported` is what its file exports: it takes bytes, and returns a
 * {@linkcode PluginResult}, or a promise of one if `exported` returns a promise. `exported` itself if it is no such
 * function.
 */
export function pluginCallable(
  plugin: Plugin,
  compiled: CompiledCoreModule,
  name: string,
  exported: Callable,
): Callable {
  const found = compiled.description.exports.find((one) => one.name === name);
  if (found === undefined || !isPluginFunction(found)) return exported;
  const what = `${compiled.name}.${name}`;
  return (...args) => {
    plugin.begin(inputOf(name, args));
    try {
      const code = exported();
      if (!(code instanceof Promise)) return plugin.end(code);
      return code.then((code) => plugin.end(code), (error) => ended(plugin, what, error));
    } catch (error) {
      return ended(plugin, what, error);
    }
  };
}

/** The input of the function `name`, as it goes over the wire. @throws {GhostError} `BAD_ARGUMENTS`. */
function inputOf(name: string, args: readonly unknown[]): Uint8Array {
  const [input] = args;
  if (args.length === 1 && input instanceof Uint8Array) return input;
  codec ??= prepareComponentCodec(name, PLUGIN_SIGNATURE);
  return codec.writeArguments(name, args, { ahead: 0, whole: 0 }).subarray(COUNT_BYTES);
}

/** What a call has come to that ended with `error`: a command's exit with 0 is a result, too. */
function ended(plugin: Plugin, what: string, error: unknown): PluginResult {
  const message = plugin.error();
  if (message === undefined) {
    if (error instanceof ExitStatus && error.code === 0) return plugin.end(0);
    throw error;
  }
  if (error instanceof ExitStatus) return plugin.end(error.code);
  const trap = trapOf(error, what);
  if (trap.code === "TRAP") trap.message += `; its error is ${JSON.stringify(message)}`;
  throw trap;
}
