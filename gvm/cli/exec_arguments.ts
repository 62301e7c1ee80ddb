import { columns } from "../../gmp/command/console.ts";
import { GhostError } from "../../gmp/errors.ts";
import { WaveParser } from "../../gmp/types/wave/parse_wave.ts";
import { readArguments } from "../../gmp/types/wave/read_wave.ts";
import { TextError } from "../../gmp/types/text_error.ts";
import type { TypeReference } from "../../gmp/types/component_types.ts";
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
 * The values that `words` are, each one of them, for the function called `name`; the files that they refer to are read. A word
 * for a `string` needs no quotes.
 *
 * @throws {WrongWord}, {@linkcode GhostError} `BAD_ARGUMENTS`.
 */
export async function readWords(name: string, words: readonly string[]): Promise<ExecArguments> {
  const wrong = (error: unknown, index: number) => wrongWord(error, name, words, index);
  const nodes = words.map((word, index): GivenValue => {
    const span = { start: 0, end: word.length };
    const plain: WaveNode | undefined = /^["'@]/.test(word)
      ? undefined
      : { kind: "text", value: word, ...span };
    try {
      return { node: valueIn(word), plain };
    } catch (error) {
      if (plain === undefined) throw wrong(error, index);
      return { node: plain, plain, mistake: wrong(error, index) };
    }
  });
  return await argumentsOf(nodes, wrong);
}

/** A call as wasmtime takes it. */
const CALL = /^([^(]+)\((.*)\)\s*$/s;

/** Whether `text` is a call with its values, `add(1, 2)`. */
export function isCall(text: string): boolean {
  return CALL.test(text);
}

/**
 * The name and the values of a call, `add(1, 2)`; `undefined` where `text` is not one.
 *
 * @throws {WrongWord}, {@linkcode GhostError} `BAD_ARGUMENTS`.
 */
export async function readCall(text: string): Promise<{ name: string; args: ExecArguments } | undefined> {
  const [, name, values] = CALL.exec(text) ?? [];
  if (name === undefined || values === undefined) return undefined;
  const wrong = (error: unknown) => {
    if (!(error instanceof TextError)) return error;
    const { message, position } = error;
    return new WrongWord(showErrorWithLine(text, name.length + position, message, columns("stderr")));
  };
  try {
    // The values are read as those of a list, which may be of any types; it begins where the parenthesis stands.
    const list = valueIn(`[${values}]`);
    if (list.kind !== "list") throw new TextError("expected values", 0);
    return { name: name.trim(), args: await argumentsOf(list.items.map((node) => ({ node })), wrong) };
  } catch (error) {
    throw wrong(error);
  }
}

/** What stands for a value. */
interface GivenValue {
  /** The value; where the word is none, the text that it is for a `string`. */
  readonly node: WaveNode;
  /** What the word is for a `string`, if it is that as it stands. */
  readonly plain?: WaveNode | undefined;
  /** Why the word is a value of no other type. */
  readonly mistake?: unknown;
}

/** `given` as the values of a function; `wrong` is the error for one of them, or for one that is missing. */
async function argumentsOf(
  given: readonly GivenValue[],
  wrong: (error: unknown, index: number) => unknown,
): Promise<ExecArguments> {
  const at = <T>(index: number, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      throw wrong(error, index);
    }
  };
  const valueAt = (index: number, type?: TypeReference): WaveNode => {
    const { node, plain, mistake } = given[index]!;
    if (type === "string" && plain !== undefined) return plain;
    if (mistake !== undefined) throw mistake;
    return node;
  };
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const nodes = given.map(({ node }) => node);
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
        return given.map((_, index) => at(index, () => numberOf(valueAt(index))));
      }
      const { parameters } = signature;
      const { length } = parameters;
      if (given.length > length) at(length, () => readArguments(nodes, signature, 0, sources));
      const values = given.map((_, index) => {
        const one = { ...signature, parameters: [parameters[index]!] };
        return at(index, () => readArguments([valueAt(index, parameters[index]![1])], one, 0, sources)[0]);
      });
      const others = { ...signature, parameters: parameters.slice(given.length) };
      return [...values, ...at(given.length, () => readArguments([], others, 0, sources))];
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
