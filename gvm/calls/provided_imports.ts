import { answering } from "../../gmp/channel/messages.ts";
import type { RequestHandlers } from "../../gmp/channel/incoming.ts";
import { GhostError } from "../../gmp/errors.ts";
import { MAX_IMPORT_BYTES } from "../../gmp/messages/executor.ts";
import type { ModuleName } from "../../gmp/names.ts";
import { checkFunctionSignature } from "../../gmp/types/function_signature.ts";
import { type ImportCodec, importCodec } from "../../gmp/types/import_codec.ts";
import { checkImports, type ImportedFunction, type ProgramImports } from "../engine/program_imports.ts";
import { askExecutor, type SessionConnection } from "./session_connection.ts";

/** A function of the program that a module at the executor imports. */
interface ProvidedFunction {
  readonly codec: ImportCodec;
  readonly callee: ImportedFunction;
}

/** What a program provides over one connection to an executor of its own node. */
export class ProvidedImports {
  /** By their handles. */
  readonly #functions = new Map<number, ProvidedFunction>();
  /** The number by which the executor knows each object of the program. */
  readonly #providers = new WeakMap<ProgramImports, number>();
  #count = 0;

  /** Answers the executor's requests. */
  readonly handlers: RequestHandlers = answering({
    "import.call": async ({ handle, values }) => ({ values: await this.#call(handle, values) }),
  });

  /**
   * Offers `imports` to a module over `connection`; returns the number by which its functions and runs refer to them.
   *
   * @throws {GhostError} `UNSUPPORTED_SIGNATURE` for one that passes anything but values, and what looking up a module does.
   */
  async provide(
    connection: SessionConnection,
    module: ModuleName,
    imports: ProgramImports,
  ): Promise<number> {
    checkImports(imports);
    let provider = this.#providers.get(imports);
    if (provider === undefined) this.#providers.set(imports, provider = this.#count++);
    const functions = Object.entries(imports).flatMap(([module, functions]) =>
      Object.keys(functions).map((name) => ({ module, name }))
    );
    const { module: name, version, hash } = module;
    const found = await askExecutor(connection, "imports.provide", {
      module: name,
      version,
      hash,
      provider,
      functions,
    });
    for (const { handle, module, name, ...types } of found.functions) {
      const callee = Object.hasOwn(imports, module) && Object.hasOwn(imports[module]!, name)
        ? imports[module]![name]
        : undefined;
      if (callee === undefined) {
        throw new GhostError("BAD_REQUEST", `Cannot provide ${name}: nobody offered it`);
      }
      const full = `${module}.${name}`;
      const codec = importCodec(full, checkFunctionSignature(full, types));
      this.#functions.set(handle, { codec, callee });
    }
    return found.number;
  }

  async #call(handle: number, values: Uint8Array): Promise<Uint8Array> {
    const found = this.#functions.get(handle);
    if (found === undefined) {
      throw new GhostError("FUNCTION_NOT_FOUND", `Cannot call import ${handle}: it is not known`);
    }
    const args = found.codec.readArguments(values);
    let result: unknown;
    try {
      result = await found.callee(...args);
    } catch (cause) {
      throw new GhostError("FUNCTION_FAILED", cause instanceof Error ? cause.message : String(cause), {
        cause,
      });
    }
    const bytes = found.codec.writeResult(result);
    if (bytes.length <= MAX_IMPORT_BYTES) return bytes;
    throw new GhostError(
      "PAYLOAD_TOO_LARGE",
      `its result takes ${bytes.length} bytes, above the limit of ${MAX_IMPORT_BYTES}`,
    );
  }
}
