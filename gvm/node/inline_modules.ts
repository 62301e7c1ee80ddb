import {
  type CompiledModule,
  compileModule,
  type ExactModule,
  ModuleCache,
} from "../engine/compiled_module.ts";
import type { ExecutionLimits } from "../engine/execution_limits.ts";
import { inlineCallable } from "../engine/inline_function.ts";
import { MemoryBudget } from "../engine/memory_budget.ts";
import type { ResolvedComponentFunction } from "../engine/resolved_functions.ts";
import { checkImports, type ProgramImports } from "../engine/program_imports.ts";
import { Session } from "../engine/session.ts";
import type { Asker, SessionHost } from "../engine/session_room.ts";
import { trapOf } from "../engine/trap.ts";
import { NO_WATCH } from "../engine/watch.ts";
import { programResult } from "../../gmp/types/program_values.ts";
import { checkPluginConfig } from "../../gmp/wasm_format/extism.ts";
import { adviceFor, toolchainOfModule } from "../../gmp/wasm_format/toolchain.ts";
import type { ModuleName } from "../../gmp/names.ts";
import type { RunHandle, RunRequest, WantedFunction } from "../calls/session_calls.ts";
import { unwrapResult } from "../../gmp/types/component_result.ts";
import { type CallResult, type NumberResult, resultOf, valuesOf } from "../../gmp/types/values.ts";
import { anywhere, type ModuleSource } from "../gpmd/module_source.ts";
import type { InlineFunction, InlineOptions } from "./node_options.ts";
import { InputQueue } from "../wasi/mod.ts";
import type { OutputStream } from "../engine/output.ts";

/** Bytes of a run's standard input that it has not read, above which whoever sends it waits. */
const HELD_INPUT = 1 << 20;

/** Sessions that nothing refers to any more, neither what the program provides in them nor its functions: what they held ends. */
const ABANDONED = new FinalizationRegistry<() => void>((end) => end());

/**
 * Functions that run in the node's own process, for modules that the program trusts: memory and output are
 * limited as usual, and a module cannot reach the host either; but nothing can stop a call that never
 * returns, and a flaw in V8 exposes the whole node.
 */
export class InlineModules implements SessionHost {
  /** Limits of every call; the time limit counts only while a function waits. */
  readonly limits: ExecutionLimits;
  /** The memory of all functions that the program calls. */
  readonly memory: MemoryBudget;
  /** Watches nothing, since the thread that would act is the one that runs. */
  readonly watch = NO_WATCH;
  readonly #modules: ModuleSource;
  readonly #cache = new ModuleCache();
  readonly #session: Session;
  /** Sessions by what the program provides in them. */
  readonly #withImports = new WeakMap<ProgramImports, Session>();
  /** The same for runs, in which these may return promises. */
  readonly #runsWithImports = new WeakMap<ProgramImports, Session>();
  /** All sessions of which anything is left. */
  readonly #sessions = new Set<WeakRef<Session>>();
  #calls = 0;

  /** Modules of `modules`, called within `limits`. */
  constructor(modules: ModuleSource, limits: ExecutionLimits) {
    this.#modules = modules;
    this.limits = limits;
    this.memory = new MemoryBudget(limits, { whose: "this process" });
    this.#session = new Session(this, 1);
    this.#sessions.add(new WeakRef(this.#session));
  }

  /** See {@linkcode SessionHost.load}. */
  async load(
    name: string,
    version: string | undefined,
    _asker: Asker,
    exactly?: ExactModule,
  ): Promise<CompiledModule> {
    const known = await this.#modules.resolve(name, version, exactly);
    return await this.#cache.get(known, async () => {
      const bytes = await this.#modules.bytes(known.hash);
      return { module: await compileModule(bytes, known, this.limits), bytes: bytes.length };
    });
  }

  /** Looks up a function and instantiates its module, so that calls need not wait. */
  async function(
    { module, version, hash, function: name, config }: WantedFunction,
    { output: take = () => {}, imports }: Omit<InlineOptions, "isolation" | "config"> = {},
  ): Promise<InlineFunction> {
    if (config !== undefined) checkPluginConfig(config);
    // The output is in the guest's memory; the program gets a copy of its own.
    const output = (bytes: Uint8Array, stream: OutputStream) => take(new Uint8Array(bytes), stream);
    const session = imports === undefined ? this.#session : this.#sessionWith(imports);
    const resolved = await session.resolve(module, version, name, 0, anywhere(hash), { config });
    await session.prepare(resolved, { id: this.#nextCall(), output });
    if (resolved.component !== undefined) return this.#ofComponent(session, resolved, output);
    const { signature, compiled } = resolved;
    const count = signature.results.length;
    const result = (returned: unknown): NumberResult => resultOf(valuesOf(returned, count) as never);
    const callable = inlineCallable(name, signature, {
      direct: () => session.direct(resolved),
      directCall: { id: 0, output },
      call: (args) => {
        const returned = session.call(resolved, args, { id: this.#nextCall(), output });
        return returned instanceof Promise ? returned.then(result) : result(returned);
      },
      failed: (error) => {
        session.drop(resolved);
        return trapOf(error, `${compiled.name}.${name}`);
      },
    }, adviceFor(toolchainOfModule(compiled.description)));
    return Object.assign(callable, { module: compiled.name, version: compiled.version, signature });
  }

  /** A function of a component: what it takes and returns are JavaScript values already. */
  #ofComponent(
    session: Session,
    resolved: ResolvedComponentFunction,
    output: (bytes: Uint8Array, stream: OutputStream) => void,
  ): InlineFunction {
    const { signature, compiled, name } = resolved;
    const own = programResult(signature) ?? ((value: unknown) => value);
    const result = (returned: unknown) => unwrapResult(name, signature, own(returned)) as CallResult;
    const callable = (...args: readonly unknown[]) => {
      const returned = session.call(resolved, args, { id: this.#nextCall(), output });
      return returned instanceof Promise ? returned.then(result) : result(returned);
    };
    return Object.assign(callable, { module: compiled.name, version: compiled.version, signature });
  }

  /** Runs a module: its standard input is held until it reads it. */
  run(request: RunRequest): Promise<RunHandle> {
    const { module, version, hash, argv, env, config, imports, signal, output = () => {} } = request;
    if (config !== undefined) checkPluginConfig(config);
    const terminals = new Set(request.terminals);
    const stdin = new InputQueue([], false, terminals.has("stdin"));
    const session = imports === undefined
      ? this.#session
      : this.#sessionWith(imports, this.#runsWithImports, true);
    const exitCode = session.run(module, version, {
      id: this.#nextCall(),
      args: [module, ...argv],
      ...env === undefined ? {} : { env },
      stdin,
      terminals,
      output: (bytes, stream) => output(new Uint8Array(bytes), stream),
      ...signal === undefined ? {} : { signal },
      ...config === undefined ? {} : { provisions: { config } },
      exactly: anywhere(hash),
    });
    const ended = exitCode.then(() => {}, () => {}); // whoever has the handle hears of an error
    const send = (bytes: Uint8Array, more: boolean): Promise<void> | undefined => {
      stdin.push(bytes);
      if (!more) stdin.end();
      return stdin.size <= HELD_INPUT ? undefined : Promise.race([stdin.drained(HELD_INPUT), ended]);
    };
    return Promise.resolve({ exitCode, send });
  }

  /** Forgets the state of a module's functions, or of one version or hash if that is named, whatever is provided to them. */
  reset({ module, version, hash }: ModuleName): void {
    for (const session of this.#sessions) session.deref()?.reset(module, version, hash);
  }

  /** The session of the modules that a program provides `imports` to. */
  #sessionWith(imports: ProgramImports, sessions = this.#withImports, wait = false): Session {
    const known = sessions.get(imports);
    if (known !== undefined) return known;
    checkImports(imports);
    const { limits, watch } = this;
    const memory = new MemoryBudget(limits, { whose: "this process", parent: this.memory });
    const provisions = { imports: () => imports, importsWait: wait };
    const load: SessionHost["load"] = (...wanted) => this.load(...wanted);
    const session = new Session({ limits, memory, watch, provisions, load }, 1);
    sessions.set(imports, session);
    this.#endWithIts(session, memory);
    return session;
  }

  /** When nothing refers to `session` any more, its `memory` is free; what says so must not refer to it itself. */
  #endWithIts(session: Session, memory: MemoryBudget): void {
    const held = new WeakRef(session);
    this.#sessions.add(held);
    ABANDONED.register(session, () => {
      this.#sessions.delete(held);
      memory.end();
    });
  }

  #nextCall(): number {
    return this.#calls = this.#calls + 1 >>> 0;
  }
}
