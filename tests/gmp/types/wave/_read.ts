import type { ComponentSignature } from "../../../../gmp/types/component_types.ts";
import { parseComponentTypes } from "../../../../gmp/types/parse_type_text.ts";
import { WaveParser } from "../../../../gmp/types/wave/parse_wave.ts";
import { printWave, type WaveOptions } from "../../../../gmp/types/wave/print_wave.ts";
import { readArguments, type WaveSources } from "../../../../gmp/types/wave/read_wave.ts";

/** Values that refer to no files and no resources. */
export const NO_SOURCES: WaveSources & WaveOptions = {
  file: () => undefined,
  resource: (name: unknown) => {
    if (typeof name !== "string") throw new Error("there are no resources here");
    return { mistake: `there is no ${name}` } as never;
  },
};

/** The values of the arguments in `text`, which is all that stands between parentheses, and these. */
export function readCall(text: string, signature: ComponentSignature): unknown[] {
  const parser = new WaveParser(text);
  const call = parser.value();
  parser.finish();
  if (call.kind !== "tuple") throw new Error(`${text} is not in parentheses`);
  return readArguments(call.items, signature, call.end - 1, NO_SOURCES);
}

/** A type as WIT writes it, as the only parameter of a signature. */
function signatureOf(type: string): ComponentSignature {
  const signature = parseComponentTypes(`(x: ${type})`);
  if (signature === undefined) throw new Error(`${type} is not a type`);
  return signature;
}

/** The value that `text` is as a `type`. */
export function read(text: string, type: string, sources: WaveSources = NO_SOURCES): unknown {
  const parser = new WaveParser(text);
  const node = parser.value();
  parser.finish();
  return readArguments([node], signatureOf(type), text.length, sources)[0];
}

/** `value` printed as a `type`. */
export function print(value: unknown, type: string, options: WaveOptions = NO_SOURCES): string {
  const { types, parameters } = signatureOf(type);
  return printWave(value, parameters[0]![1], types, options);
}
