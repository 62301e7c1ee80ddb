import { columns } from "../../gmp/command/console.ts";
import { GhostError } from "../../gmp/errors.ts";
import { WaveParser } from "../../gmp/types/wave/parse_wave.ts";
import { readArguments } from "../../gmp/types/wave/read_wave.ts";
import { TextError } from "../../gmp/types/text_error.ts";
import type { WaveNode } from "../../gmp/types/wave/wave_node.ts";
import { numberOf, pathsIn } from "../repl/call_function.ts";
import { type FunctionSignature, isComponentSignature } from "../../gmp/types/function_signature.ts";
import { showErrorWithLine } from "../repl/language/caret.ts";
import { readValue } from "./read_value.ts";
import { standardInput } from "./standard_input.ts";

/** A word that is no value, or does not fit; its message shows where, and is all that a person needs. */
export class WrongWord extends Error {
  /** The name of the class. */
  override readonly name = "WrongWord";
}

/** The values of `gvm exec --invoke`, before their types are known. */
export interface ExecArguments {
  /** The values as a function with that signature takes them. @throws {WrongWord}, {@linkcode GhostError} `BAD_ARGUMENTS`. */
  as(signature: FunctionSignature): unknown[];
}

/**
 * The values that `words` are, each one of them, for the function called `name`; the files that they refer to are read.
 *
 * @throws {WrongWord}, {@linkcode GhostError} `BAD_ARGUMENTS`.
 */
export async function readWords(name: string, words: readonly string[]): Promise<ExecArguments> {
  const nodes: WaveNode[] = [];
  const at = <T>(index: number, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      throw wrongWord(error, name, words, index);
    }
  };
  for (const [index, word] of words.entries()) nodes.push(at(index, () => valueIn(word)));
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const path of pathsIn(nodes)) files.set(path, await readValue(path));
  const resource = (name: string) => ({ mistake: `there is no resource ${name} here` });
  let hasInput = true;
  const input = () => {
    const isFirst = hasInput;
    hasInput = false;
    return isFirst ? standardInput() : undefined;
  };
  const sources = { file: (path: string) => files.get(path), resource, input };
  return {
    as: (signature) => {
      if (!isComponentSignature(signature)) {
        return nodes.map((node, index) => at(index, () => numberOf(node)));
      }
      const { parameters } = signature;
      const { length } = parameters;
      if (nodes.length > length) at(length, () => readArguments(nodes, signature, 0, sources));
      const given = nodes.map((node, index) => {
        const one = { ...signature, parameters: [parameters[index]!] };
        return at(index, () => readArguments([node], one, 0, sources)[0]);
      });
      const others = { ...signature, parameters: parameters.slice(nodes.length) };
      return [...given, ...at(nodes.length, () => readArguments([], others, 0, sources))];
    },
  };
}

function valueIn(word: string): WaveNode {
  const parser = new WaveParser(word);
  const node = parser.value();
  parser.finish();
  return node;
}

/** An error at the word `index`, which points at the place unless that is the whole word. */
function wrongWord(error: unknown, name: string, words: readonly string[], index: number): unknown {
  if (!(error instanceof TextError)) return error;
  const { message, position } = error;
  const word = words[index];
  if (word === undefined) return new GhostError("BAD_ARGUMENTS", `Cannot call ${name}: ${message}`);
  if (position > 0) return new WrongWord(showErrorWithLine(word, position, message, columns("stderr")));
  return new GhostError("BAD_ARGUMENTS", `Cannot use argument ${index + 1} of ${name}: ${message}`);
}
