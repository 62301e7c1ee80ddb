import { someType } from "./type_parts.ts";
import type { FunctionType } from "./types.ts";

const KNOWN = new WeakMap<FunctionType, boolean>();

/** Whether streams or futures are among the parameters of a function, or in its result: such a call may go on after it has returned. */
export function passesStreams(type: FunctionType): boolean {
  let known = KNOWN.get(type);
  if (known === undefined) KNOWN.set(type, known = look(type));
  return known;
}

function look({ parameters, result }: FunctionType): boolean {
  return someType(
    [...parameters.map(({ type }) => type), result],
    ({ kind }) => kind === "stream" || kind === "future",
  );
}
