import type { Kernel } from "./kernel.ts";
import { type Variables, VARIABLES_LIMIT } from "./variables.ts";

/** What the functions of a plug-in's host work with. */
interface PluginHost {
  /** Its memory. */
  readonly kernel: Kernel;
  /** Its variables. */
  readonly variables: Variables;
  /** Its configuration. */
  readonly configuration: ReadonlyMap<string, string>;
  /** Takes what it logs. */
  writeError(text: string): void;
}

/** A host function as a plug-in imports it. */
type PluginFunction = (...args: bigint[]) => bigint | number | void;

/** The level from which the plug-in's log is shown: all of it. */
const LOG_LEVEL = 0;
/** Longest key, message of the log, and request, in bytes: they become strings on the host's heap. */
export const TEXT_LIMIT = 1 << 16;
/** Longest URL in an error's message, in characters. */
const SHOWN_URL = 200;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/**
 * The functions that a plug-in imports besides the kernel's (extism, runtime/src/pdk.rs). An offset of a block that
 * is given to one of them belongs to it, and is free afterwards. What they throw ends the call.
 */
export function hostFunctions(host: PluginHost): Readonly<Record<string, PluginFunction>> {
  const { kernel, variables } = host;
  const text = (offset: bigint, what: string) => decoder.decode(kernel.take(offset, what, TEXT_LIMIT));
  return {
    config_get(key) {
      const value = host.configuration.get(text(key!, "a configuration's key"));
      return value === undefined ? 0n : kernel.write(encoder.encode(value));
    },
    var_get(key) {
      const value = variables.get(text(key!, "a variable's key"));
      return value === undefined ? 0n : kernel.write(value);
    },
    var_set(key, value) {
      const name = text(key!, "a variable's key");
      if (value === 0n) variables.delete(name);
      else variables.set(name, kernel.take(value!, "a variable's value", VARIABLES_LIMIT));
    },
    http_request(request) {
      throw new Error(
        `HTTP request to ${urlOf(text(request!, "an HTTP request"))} is refused: plug-ins have no network`,
      );
    },
    http_status_code: () => 0,
    http_headers: () => 0n,
    get_log_level: () => LOG_LEVEL,
    ...Object.fromEntries(
      ["trace", "debug", "info", "warn", "error"].map((level) => [
        `log_${level}`,
        (message: bigint) => host.writeError(`${level}: ${text(message, "a log's message")}\n`),
      ]),
    ),
  };
}

/** The URL in a request's JSON, for people to read. */
function urlOf(request: string): string {
  try {
    return JSON.stringify(String(JSON.parse(request).url).slice(0, SHOWN_URL));
  } catch {
    return "an unreadable URL";
  }
}
