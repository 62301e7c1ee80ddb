import { assertEquals } from "@std/assert";
import type { PluginConfig } from "../../../gmp/wasm_format/extism.ts";
import { checkLimits, type ExecutionLimits } from "../../../gvm/engine/execution_limits.ts";
import type { ResolvedFunction } from "../../../gvm/engine/resolved_functions.ts";
import type { ProgramImports } from "../../../gvm/engine/program_imports.ts";
import { Session } from "../../../gvm/engine/session.ts";
import type { PluginResult } from "../../../gvm/extism/plugin.ts";
import { InlineModules } from "../../../gvm/node/inline_modules.ts";
import { TestModules } from "../harness.ts";

/** A session in this process, whose functions are called with text. */
export class PluginSession implements Disposable {
  readonly modules: TestModules = new TestModules();
  readonly host: InlineModules;
  readonly session: Session;
  /** What the last call wrote to standard error. */
  logged = "";
  readonly #resolved = new Map<string, ResolvedFunction>();
  #calls = 0;

  constructor(limits: Partial<ExecutionLimits> = {}, imports?: ProgramImports, config?: PluginConfig) {
    const host = this.host = new InlineModules(this.modules, checkLimits(limits));
    const { memory, watch } = host;
    this.session = new Session(
      {
        limits: host.limits,
        memory,
        watch,
        provisions: { imports: () => imports ?? {}, config },
        load: (...wanted) => host.load(...wanted),
      },
      1,
    );
  }

  /** Calls `name`, which is `module.function`. */
  async call(name: string, ...args: unknown[]): Promise<unknown> {
    const resolved = this.#resolved.get(name) ?? await this.#resolve(name);
    this.logged = "";
    const output = (bytes: Uint8Array, stream: string) => {
      assertEquals(stream, "stderr");
      this.logged += new TextDecoder().decode(bytes);
    };
    return await this.session.call(resolved, args, { id: this.#next(), output });
  }

  /** Calls a function of a plug-in: what comes of it, with its output as text. */
  async plugin(name: string, input: string = ""): Promise<string> {
    const { tag, val } = await this.call(name, new TextEncoder().encode(input)) as PluginResult;
    return `${tag}: ${typeof val === "string" ? val : new TextDecoder("utf-8", { fatal: true }).decode(val)}`;
  }

  [Symbol.dispose](): void {
    this.session.close();
  }

  async #resolve(name: string): Promise<ResolvedFunction> {
    const [module, found] = name.split(".") as [string, string];
    const resolved = await this.session.resolve(module, undefined, found, this.#next());
    this.#resolved.set(name, resolved);
    return resolved;
  }

  #next(): number {
    return ++this.#calls;
  }
}
