import { request } from "../../gmp/channel/messages.ts";
import type { Channel } from "../../gmp/channel/channel.ts";
import { encodeBody } from "../../gmp/frames/body.ts";
import { GhostError } from "../../gmp/errors.ts";
import { MAX_IMPORT_BYTES } from "../../gmp/messages/executor.ts";
import type { ReceivedRequest, Reply } from "../../gmp/messages/messages.ts";
import { type FunctionSignature, isComponentSignature } from "../../gmp/types/function_signature.ts";
import { type ImportCodec, importCodec } from "../../gmp/types/import_codec.ts";
import type { CompiledModule } from "../engine/compiled_module.ts";
import { missingImports } from "../engine/missing_imports.ts";
import type { ImportedFunction } from "../engine/program_imports.ts";
import type { ProvidedFunctions } from "../engine/resolved_functions.ts";
import { MAX_SIGNATURE_BYTES } from "./replies.ts";

/** Most sets of functions that the program of a session may provide. */
const PROVIDED_LIMIT = 1000;

type DescribedImport = Reply<"imports.provide">["functions"][number];

/** What the program provides to one module. */
interface Provided extends ProvidedFunctions {
  /** The SHA-256 of the module. */
  readonly hash: string;
  /** The functions that it imports of these. */
  readonly described: readonly DescribedImport[];
}

/** A function of the program as a module imports it. */
interface ProvidedImport {
  readonly module: string;
  readonly name: string;
  readonly handle: number;
  readonly codec: ImportCodec;
}

/**
 * What the program of a session provides to the modules that it calls there: each call of it is a request over the session's
 * connection, for which the module waits.
 */
export class SessionImports {
  /** In order; by `provider` and hash. */
  readonly #sets: Provided[] = [];
  readonly #known = new Map<string, Provided>();
  #handles = 0;

  /** What `compiled` imports of `functions`. @throws {GhostError} `UNSUPPORTED_SIGNATURE`, `TOO_MANY_REQUESTS`. */
  provide(
    compiled: CompiledModule,
    { provider, functions }: Pick<ReceivedRequest<"imports.provide">, "provider" | "functions">,
    channel: Channel,
  ): Reply<"imports.provide"> {
    const key = `${provider} ${compiled.hash}`;
    let set = this.#known.get(key);
    if (set === undefined) {
      if (this.#sets.length >= PROVIDED_LIMIT) {
        throw new GhostError(
          "TOO_MANY_REQUESTS",
          `Cannot provide imports: ${PROVIDED_LIMIT} modules have some`,
        );
      }
      this.#known.set(key, set = this.#make(compiled, functions, channel));
      this.#sets.push(set);
    }
    return { number: set.number, functions: set.described };
  }

  /** The set of that number. @throws {GhostError} `BAD_REQUEST`. */
  get(number: number): Provided {
    const set = this.#sets[number];
    if (set !== undefined) return set;
    throw new GhostError("BAD_REQUEST", `Cannot use imports ${number}: none were provided under that number`);
  }

  #make(
    compiled: CompiledModule,
    functions: ReceivedRequest<"imports.provide">["functions"],
    channel: Channel,
  ): Provided {
    const described: DescribedImport[] = [];
    const imports: ProvidedImport[] = [];
    for (const [missing, { module, name }] of missingImports(compiled, functions)) {
      const signature = missing.signature();
      const handle = this.#handles++;
      imports.push({
        module: missing.module,
        name: missing.name,
        handle,
        codec: importCodec(`${module}.${name}`, signature),
      });
      described.push({ handle, module, name, ...typesOf(signature) });
    }
    const { length } = encodeBody({ functions: described });
    if (length > MAX_SIGNATURE_BYTES) {
      throw new GhostError(
        "UNSUPPORTED_SIGNATURE",
        `Cannot provide imports: their types take ${length} bytes, above the limit of ${MAX_SIGNATURE_BYTES}`,
      );
    }
    return {
      number: this.#sets.length,
      hash: compiled.hash,
      described,
      imports: (ended) => asking(imports, channel, ended),
    };
  }
}

/** A signature as it is sent, without what it has not. */
function typesOf(signature: FunctionSignature) {
  if (!isComponentSignature(signature)) return signature;
  const { result, ...types } = signature;
  return result === null ? types : { ...types, result };
}

/** `imports` as functions that ask the program over `channel`, until `ended`. */
function asking(imports: readonly ProvidedImport[], channel: Channel, ended: AbortSignal) {
  const modules: Record<string, Record<string, ImportedFunction>> = Object.create(null);
  for (const { module, name, handle, codec } of imports) {
    const functions = modules[module] ??= Object.create(null) as Record<string, ImportedFunction>;
    functions[name] = async (...args) => {
      const values = codec.writeArguments(args);
      if (values.length > MAX_IMPORT_BYTES) {
        throw new GhostError(
          "PAYLOAD_TOO_LARGE",
          `its arguments take ${values.length} bytes, above the limit of ${MAX_IMPORT_BYTES}`,
        );
      }
      const answer = await request(channel, "import.call", { handle, values }, { signal: ended });
      return codec.readResult(answer.values);
    };
  }
  return modules;
}
