import { GhostError } from "../../gmp/errors.ts";
import type { ComponentSignature } from "../../gmp/types/component_types.ts";
import { type ComponentCodec, prepareComponentCodec } from "../../gmp/types/component_codec.ts";
import {
  isPlugin,
  isPluginFunction,
  PLUGIN_SIGNATURE,
  type PluginConfig,
  pluginConfigKey,
} from "../../gmp/wasm_format/extism.ts";
import { nearest } from "../../gmp/nearest.ts";
import { showName } from "../../gmp/types/quote.ts";
import { type CallableSignature, checkCallable } from "../../gmp/types/signature.ts";
import type { ValueCodec } from "../../gmp/types/value_codec.ts";
import { prepareCodec, type WasmNumber } from "../../gmp/types/values.ts";
import { signatureOf } from "../component/exported_functions.ts";
import type { CompiledComponentModule, CompiledCoreModule, CompiledModule } from "./compiled_module.ts";
import { findFunction } from "./component_functions.ts";
import { functionKey } from "./instantiate_component.ts";
import type { Provisions } from "./program_imports.ts";
import { callableNames, whatThereIs } from "./what_there_is.ts";

/** A function that is looked up once and can be called many times. */
export type ResolvedFunction = ResolvedCoreFunction | ResolvedComponentFunction;

/** What every resolved function has. */
interface Resolved {
  /** Its number within the session. */
  readonly handle: number;
  /** Functions with the same key share an instance, and so their state. */
  readonly instanceKey: string;
  /** Bytes of memory of that instance and of all others under the same limit; left out for the session's own limit. */
  readonly memory?: number | undefined;
  /** Its name among those of its instance. */
  readonly name: string;
  /** The name by which it was looked up, of which a function of a component has several: grants are for one. */
  readonly called: string;
  /** What its instance is given, if not what all of the session are. */
  readonly provisions?: OwnProvisions | undefined;
}

/**
 * A function of a component, or of an Extism plug-in; its values are as component_types.ts says, a result `{ tag, val }` also
 * at the top.
 */
export interface ResolvedComponentFunction extends Resolved {
  /** Its component, or its plug-in. */
  readonly compiled: CompiledModule;
  /** What it takes and returns. */
  readonly component: ComponentSignature;
  /** The same. */
  readonly signature: ComponentSignature;
  /** Reads its arguments and writes its result. @throws {GhostError} `UNSUPPORTED_SIGNATURE` if they cannot cross the wire. */
  codec(): ComponentCodec;
}

/** A function of a core module. */
interface ResolvedCoreFunction extends Resolved {
  /** Its module. */
  readonly compiled: CompiledCoreModule;
  readonly component?: undefined;
  /** What it takes and returns. */
  readonly signature: CallableSignature;
  /** Reads its arguments. */
  readonly parameters: ValueCodec<WasmNumber>;
  /** Writes its results. */
  readonly results: ValueCodec<WasmNumber>;
}

/** Most functions that one session may resolve; the largest programs export fewer. */
const HANDLE_LIMIT = 100_000;

/** Most configurations of plug-ins in one session; each has up to 64 KiB. */
const CONFIG_LIMIT = 16;

/** What instances are given that other instances of the same module are not. */
interface OwnProvisions extends Provisions {
  /** Tells them apart in the session. */
  readonly key: string;
}

/** Functions that a program provides to a module from another process, so that it waits for them. */
export interface ProvidedFunctions {
  /** Their number in the session. */
  readonly number: number;
  /** They. */
  readonly imports: NonNullable<Provisions["imports"]>;
}

/** What a function is to be given. */
export interface WantedProvisions {
  /** The configuration, if it is a plug-in's. */
  readonly config?: PluginConfig | undefined;
  /** What its module may import. */
  readonly provided?: ProvidedFunctions | undefined;
}

/** The functions that one session has looked up. */
export class ResolvedFunctions {
  readonly #functions: ResolvedFunction[] = [];
  readonly #handles = new Map<string, number>();

  /** By their keys. */
  readonly #configs = new Map<string, OwnProvisions>();

  /**
   * The function `name` of `plain`, which is given what is wanted.
   *
   * @throws {GhostError} `FUNCTION_NOT_FOUND`, `UNSUPPORTED_SIGNATURE`, `TOO_MANY_REQUESTS`.
   */
  resolve(
    plain: CompiledModule,
    name: string,
    { config, provided }: WantedProvisions = {},
  ): ResolvedFunction {
    const compiled: CompiledModule = provided === undefined ? plain : { ...plain, waits: true };
    const isConfigured = config !== undefined && compiled.component === undefined &&
      isPlugin(compiled.description);
    const configured = isConfigured ? this.#configured(config) : undefined;
    const provisions = provided === undefined ? configured : withImports(configured, provided);
    const instanceKey = instanceKeyOf(compiled, provisions);
    const key = `${instanceKey} ${name}`;
    const known = this.#handles.get(key);
    if (known !== undefined) return this.#functions[known]!;
    const found = compiled.component === undefined
      ? coreFunction(compiled, name)
      : componentFunction(compiled, name);
    if (this.#functions.length >= HANDLE_LIMIT) {
      throw new GhostError(
        "BAD_REQUEST",
        `Cannot resolve ${showName(name)}: ${HANDLE_LIMIT} functions are resolved`,
      );
    }
    const resolved: ResolvedFunction = {
      handle: this.#functions.length,
      instanceKey,
      called: name,
      provisions,
      ...found,
    };
    this.#functions.push(resolved);
    this.#handles.set(key, resolved.handle);
    return resolved;
  }

  /** The same for the same configuration; `undefined` for an empty one. */
  #configured(config: PluginConfig): OwnProvisions | undefined {
    const key = pluginConfigKey(config);
    if (key === "") return undefined;
    const known = this.#configs.get(key);
    if (known !== undefined) return known;
    if (this.#configs.size >= CONFIG_LIMIT) {
      throw new GhostError(
        "TOO_MANY_REQUESTS",
        `Cannot use the configuration: this session has ${CONFIG_LIMIT} others`,
      );
    }
    const made = { config, key: ` config ${this.#configs.size}` };
    this.#configs.set(key, made);
    return made;
  }
}

function withImports(
  configured: OwnProvisions | undefined,
  { number, imports }: ProvidedFunctions,
): OwnProvisions {
  return { ...configured, imports, importsWait: true, key: `${configured?.key ?? ""} imports ${number}` };
}

function coreFunction(compiled: CompiledCoreModule, name: string) {
  const found = compiled.description.exports.find((one) => one.name === name);
  if (found?.kind !== "function") throw notFound(compiled, name);
  if (isPlugin(compiled.description) && isPluginFunction(found)) {
    return { compiled, name, ...typed(name, PLUGIN_SIGNATURE) };
  }
  const signature = checkCallable(name, found.type);
  return {
    compiled,
    name,
    signature,
    parameters: prepareCodec(signature.parameters),
    results: prepareCodec(signature.results),
  };
}

function componentFunction(compiled: CompiledComponentModule, name: string) {
  const found = findFunction(compiled, name);
  const key = functionKey(found.interface, found.name);
  return { compiled, name: key, ...typed(name, signatureOf(found.type)) };
}

/** What a function with values of any type has; only calls over the wire need the codec. */
function typed(
  name: string,
  signature: ComponentSignature,
): Pick<ResolvedComponentFunction, "component" | "signature" | "codec"> {
  let codec: ComponentCodec | undefined;
  return { component: signature, signature, codec: () => codec ??= prepareComponentCodec(name, signature) };
}

/** `resolved`, with an instance that may have `memory` bytes: functions under other limits have instances of their own. */
export function limitedTo(memory: number | undefined, resolved: ResolvedFunction): ResolvedFunction {
  const plain = instanceKeyOf(resolved.compiled, resolved.provisions);
  const instanceKey = memory === undefined ? plain : `${plain} ${memory}`;
  return resolved.instanceKey === instanceKey ? resolved : { ...resolved, instanceKey, memory };
}

/** A version may have been removed and published again with other bytes. */
function instanceKeyOf(
  { name, version, hash, brought = false }: CompiledModule,
  provisions: OwnProvisions | undefined,
): string {
  return `${name}@${version} ${hash}${brought ? " brought" : ""}${provisions?.key ?? ""}`; // what is brought, other grants allow
}

function notFound(compiled: CompiledCoreModule, name: string): GhostError {
  const names = compiled.description.exports.filter((one) => one.kind === "function").map((one) => one.name);
  const suggestion = nearest(name, callableNames(names));
  const hint = suggestion === undefined ? "" : `did you mean ${showName(suggestion)}? `;
  return new GhostError(
    "FUNCTION_NOT_FOUND",
    `Cannot call ${showName(name)}: ${compiled.name}@${compiled.version} exports no such function; ${hint}${
      whatThereIs(names)
    }`,
    suggestion === undefined ? {} : { details: { suggestion } },
  );
}
