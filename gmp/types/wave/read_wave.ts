import type { ComponentSignature, TypeNode } from "../component_types.ts";
import { formatComponentTypes } from "../type_text.ts";
import { TypedReader, type WaveSources } from "./_typed_reader.ts";
import { TextError } from "../text_error.ts";
import type { WaveNode } from "./wave_node.ts";

export type { WaveSources };

/**
 * The values of the arguments that `nodes` are, as JavaScript has them (see `component_types.ts`); options at the end may be
 * left out. `end` is where the arguments end.
 *
 * @throws {TextError} at the first value that does not fit, with the way to it and its type; for too few or too many.
 */
export function readArguments(
  nodes: readonly WaveNode[],
  { types, parameters }: ComponentSignature,
  end: number,
  sources: WaveSources,
): unknown[] {
  const more = nodes[parameters.length];
  if (more !== undefined) {
    const takes = parameters.length === 0
      ? "nothing"
      : `${parameters.length}: ${parameterList(types, parameters)}`;
    throw new TextError(`one argument too many: it takes ${takes}`, more.start);
  }
  return parameters.map(([name, type], index) => {
    const reader = new TypedReader(name, types, sources);
    const node = nodes[index];
    return node === undefined ? reader.missing({ start: end, end }, type) : reader.value(node, type);
  });
}

function parameterList(types: readonly TypeNode[], parameters: ComponentSignature["parameters"]): string {
  return formatComponentTypes({ types, parameters, result: null }).slice(1, -1);
}
