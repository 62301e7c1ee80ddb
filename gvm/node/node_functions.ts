import { holdPromises } from "../../gmp/types/element_lists.ts";
import { GhostError } from "../../gmp/errors.ts";
import { untilAborted } from "../../gmp/async/until_aborted.ts";
import type { ModuleName } from "../../gmp/names.ts";
import {
  checkFunctionName,
  type FunctionDeclaration,
  type FunctionName,
  parseFunctionName,
} from "../../gmp/types/function_name.ts";
import type { FunctionSignature } from "../../gmp/types/function_signature.ts";
import type { PluginConfig } from "../../gmp/wasm_format/extism.ts";
import type { CallResult } from "../../gmp/types/values.ts";
import { ModuleRun } from "../calls/module_run.ts";
import type {
  CallOptions,
  FunctionReference,
  OnOptions,
  RunRequest,
  WantedFunction,
} from "../calls/session_calls.ts";
import type { ExecutionLimits } from "../engine/execution_limits.ts";
import { checkDeclared } from "./declared_function.ts";
import type { InlineModules } from "./inline_modules.ts";
import { KnownFunctions } from "./known_functions.ts";
import type { NodeConnections } from "./node_connections.ts";
import type {
  FunctionOptions,
  GhostFunction,
  InlineFunction,
  InlineOptions,
  RunOptions,
} from "./node_options.ts";
import { Shipping } from "./shipping.ts";

/** What a node calls and runs: in its own executors, on its peers, and in this process. */
export class NodeFunctions {
  readonly #connections: NodeConnections;
  readonly #limits: ExecutionLimits;
  /** The configuration of plug-ins, unless a call has its own. */
  readonly #config: PluginConfig | undefined;
  /** Functions called by name; forgotten when a module changes. */
  readonly #called = new KnownFunctions();
  readonly #shipping: Shipping;
  #inlineModules: Promise<InlineModules> | undefined;

  /**
   * Functions of the modules that `connections` reach; `limits` are those of what runs in this process, `config` what plug-ins
   * have by default.
   */
  constructor(connections: NodeConnections, limits: ExecutionLimits, config: PluginConfig | undefined) {
    this.#config = config;
    this.#connections = connections;
    this.#limits = limits;
    this.#shipping = new Shipping(connections.modules);
  }

  /** Forgets what names stand for: modules have changed. */
  forget(): void {
    this.#called.clear();
    this.#shipping.changed();
  }

  /** Looks up a function to call on a node: see `GhostNode.function`. */
  async find(
    declaration: FunctionDeclaration,
    { on, config = this.#config, imports, ...options }: FunctionOptions,
  ): Promise<GhostFunction> {
    const { signal, output } = options;
    const reference = await untilAborted(this.#resolve(on, { ...declaration.name, config, imports }), signal);
    checkDeclared(declaration, reference.signature);
    const follow = signal === undefined && output === undefined ? undefined : options;
    // Each call looks up the session, so that the function survives a reconnection.
    const call = (...args: readonly unknown[]) => {
      try {
        return this.#connections.session(on).call(reference, args, follow);
      } catch (error) {
        return Promise.reject(error);
      }
    };
    const { module, version, signature } = reference;
    return Object.assign(call, { module, version, signature });
  }

  /** Looks up a function to run in this process. */
  async findInline(
    declaration: FunctionDeclaration,
    options: InlineOptions & Pick<RunOptions, "on">,
  ): Promise<InlineFunction> {
    this.#refuseElsewhere(options.on);
    const { config = this.#config } = options;
    const inline = await (await this.#inline()).function({ ...declaration.name, config }, options);
    checkDeclared(declaration, inline.signature);
    return inline;
  }

  /** Calls a function by name: see `GhostNode.call`. */
  call(
    name: string | FunctionName,
    args: readonly unknown[],
    options: CallOptions,
  ): Promise<CallResult> {
    try {
      if (!Array.isArray(args)) {
        throw new GhostError(
          "BAD_ARGUMENTS",
          `Cannot call: the arguments are ${Deno.inspect(args)}, not an array`,
        );
      }
      const reference = this.#called.get(options.on, name, options.config);
      if (reference === undefined) {
        holdPromises(args);
        return this.#callFirst(name, args, options);
      }
      return this.#connections.session(options.on).call(reference, args, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** What a function takes and returns. */
  async signature(name: string | FunctionName, options: OnOptions): Promise<FunctionSignature> {
    const known = this.#called.get(options.on, name, options.config);
    return (known ?? await this.#lookUp(name, options)).signature;
  }

  /** Runs a module: see `GhostNode.run`. */
  run(module: ModuleName, argv: readonly string[], options: RunOptions): ModuleRun {
    const { isolation, ...given } = options;
    const request = { config: this.#config, ...given, ...module, argv };
    const { on } = options;
    if (isInline({ isolation })) {
      this.#connections.refuseClosed();
      this.#refuseElsewhere(on);
      const runner = {
        run: async (request: RunRequest) => await (await this.#inline()).run(request),
      };
      return new ModuleRun(runner, request, this.#limits.output);
    }
    const session = this.#connections.session(on);
    this.#fetchAhead(on, module);
    const runner = this.#connections.isElsewhere(on) ? this.#shipping.runner(session, on) : session;
    return new ModuleRun(runner, request, this.#limits.output);
  }

  /** Forgets the state of a module's functions: see `GhostNode.reset`. */
  async reset(module: ModuleName, on: string | undefined): Promise<void> {
    const session = this.#connections.session(on);
    if (on === undefined || on === this.#connections.name) (await this.#inlineModules)?.reset(module);
    await session.reset(module);
  }

  /** @throws {GhostError} `BAD_ARGUMENTS` when what is to run in this process is to run on another node. */
  #refuseElsewhere(on: string | undefined): void {
    if (on === undefined || on === this.#connections.name) return;
    throw new GhostError("BAD_ARGUMENTS", `Cannot run in this process: "${on}" is another node`);
  }

  #resolve(on: string | undefined, wanted: WantedFunction): Promise<FunctionReference> {
    const session = this.#connections.session(on);
    this.#fetchAhead(on, wanted);
    return this.#connections.isElsewhere(on)
      ? this.#shipping.resolve(session, on, wanted)
      : session.resolve(wanted);
  }

  /** Asks GPMD for a module that this node's own executor will ask for: it may be starting, and takes longer. */
  #fetchAhead(on: string | undefined, { module, version, hash }: ModuleName): void {
    if (hash !== undefined || (on !== undefined && on !== this.#connections.name)) return;
    this.#connections.modules.resolve(module, version).catch(() => {}); // the executor hears of it, too
  }

  /**
   * Loads the engine with the first inline function: a node whose modules all run in executors starts without
   * it.
   */
  #inline(): Promise<InlineModules> {
    return this.#inlineModules ??= import("./inline_modules.ts").then(({ InlineModules }) =>
      new InlineModules(this.#connections.modules, this.#limits)
    );
  }

  async #callFirst(
    name: string | FunctionName,
    args: readonly unknown[],
    options: OnOptions,
  ): Promise<CallResult> {
    const reference = await this.#lookUp(name, options);
    return await this.#connections.session(options.on).call(reference, args, options);
  }

  async #lookUp(name: string | FunctionName, { on, signal, config }: OnOptions): Promise<FunctionReference> {
    const wanted = typeof name === "string" ? parseFunctionName(name) : checkFunctionName(name);
    const found = this.#resolve(on, { ...wanted, config: config ?? this.#config });
    return await untilAborted(this.#called.remember(on, name, config, found), signal);
  }
}

/**
 * Whether something is to run in this process.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` for an isolation that there is not.
 */
export function isInline<Inline extends { readonly isolation?: unknown }>(
  options: Inline | object,
): options is Inline & InlineOptions {
  const isolation = "isolation" in options ? options.isolation : undefined;
  if (isolation === undefined || isolation === "inline") return isolation === "inline";
  throw new GhostError(
    "BAD_ARGUMENTS",
    `Cannot run with the isolation ${Deno.inspect(isolation)}: there is "inline" only`,
  );
}
