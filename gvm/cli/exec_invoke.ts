import { complain, print, writeBytes } from "../../gmp/command/console.ts";
import type { WantedFunction } from "../calls/session_calls.ts";
import type { SessionClient } from "../calls/session_client.ts";
import type { ComponentSignature } from "../../gmp/types/component_types.ts";
import type { FunctionSignature } from "../../gmp/types/function_signature.ts";
import { Handles } from "../repl/handles.ts";
import { resultText, withPayload } from "../repl/result.ts";
import { settledResult, showStream, streamedType } from "../repl/show_stream.ts";
import { type ExecArguments, WrongWord } from "./exec_arguments.ts";
import type { Stop } from "./stop.ts";

/**
 * `gvm exec --invoke`: calls one function with the values of `args` and prints its result. Returns the exit code.
 *
 * @throws {GhostError} `BAD_ARGUMENTS` for a word that does not fit, and what the call throws.
 */
export async function invoke(
  session: SessionClient,
  name: WantedFunction,
  args: ExecArguments,
  stop: Stop,
): Promise<number> {
  const handles = new Handles();
  const printing = {
    resource: (value: object, resource: string) =>
      handles.of(value, resource, { on: undefined, module: name }).name,
  };
  let signature: FunctionSignature | undefined;
  try {
    const found = await session.resolve(name);
    signature = found.signature;
    const returned: unknown = await session.call(found, args.as(signature), {
      signal: stop.signal,
      output: writeBytes,
    });
    const element = streamedType(signature);
    if (element !== undefined) {
      await showStream(returned as ReadableStream, element, signature as ComponentSignature, {
        printing,
        raw: false,
        write: (bytes) => writeBytes(bytes, "stdout"),
        print,
      });
      return 0;
    }
    const text = resultText(await settledResult(returned, signature), signature, printing);
    if (text !== undefined) print(text);
    return 0;
  } catch (error) {
    if (stop.exitCode !== undefined) return stop.exitCode;
    if (!(error instanceof WrongWord)) throw withPayload(error, signature, printing);
    complain(error.message);
    return 1;
  }
}
