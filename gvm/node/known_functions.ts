import { checkFunctionName, type FunctionName, writeFunctionName } from "../../gmp/types/function_name.ts";
import { type PluginConfig, pluginConfigKey } from "../../gmp/wasm_format/extism.ts";
import type { FunctionReference } from "../calls/session_calls.ts";

/** Most lookups that are remembered; a program that calls more functions by name looks them up again. */
const REMEMBERED = 10_000;

/**
 * Functions already looked up, by the node on which they run (`undefined` is the program's own) and by name.
 */
export class KnownFunctions {
  #nodes = new Map<string | undefined, Map<string, FunctionReference>>();
  #count = 0;

  /** The function of that name at node `on`, with `config` if one was given, if it is known. @throws {GhostError} `INVALID_NAME`. */
  get(
    on: string | undefined,
    name: string | FunctionName,
    config?: PluginConfig,
  ): FunctionReference | undefined {
    return this.#nodes.get(on)?.get(keyOf(name, config));
  }

  /** Remembers the lookup that `found` is, unless all are forgotten before it is answered: it may be of what was then. */
  async remember(
    on: string | undefined,
    name: string | FunctionName,
    config: PluginConfig | undefined,
    found: Promise<FunctionReference>,
  ): Promise<FunctionReference> {
    const key = keyOf(name, config);
    const nodes = this.#nodes;
    const reference = await found;
    if (this.#nodes !== nodes) return reference;
    if (this.#count >= REMEMBERED) this.clear();
    let known = this.#nodes.get(on);
    if (known === undefined) this.#nodes.set(on, known = new Map());
    if (!known.has(key)) this.#count++;
    known.set(key, reference);
    return reference;
  }

  /** Forgets them all: what their names stand for may have changed. */
  clear(): void {
    this.#nodes = new Map();
    this.#count = 0;
  }
}

/** Each key stands for one name only, whether the program gave it as text or in parts. */
function keyOf(name: string | FunctionName, config: PluginConfig | undefined): string {
  const written = typeof name === "string" ? name : writeFunctionName(checkFunctionName(name));
  return config === undefined ? written : `${pluginConfigKey(config)} ${written}`; // no module's name begins with a bracket
}
