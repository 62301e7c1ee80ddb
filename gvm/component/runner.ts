import type { NumberType } from "../../gmp/types/value_types.ts";
import { type CoreFunction, promisingFunction } from "./promise_integration.ts";

/** Runs a core function that may be suspended: `returned` is called with its result, at once if it is not. */
export type Runner = (
  values: readonly (number | bigint)[],
  returned: (result: unknown) => void,
  failed: (error: unknown) => void,
) => void;

const CODES: Readonly<Record<NumberType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };
/** Most modules that are kept: they are made again when they are needed again. */
const MAX_SHIMS = 256;
const MODULES = new Map<string, WebAssembly.Module>();

/**
 * A function that returns a promise (JSPI) does so also when it is not suspended. A module of a few bytes therefore calls the
 * core function and says at once what it returned.
 */
export function makeRunner(
  core: CoreFunction,
  parameters: readonly NumberType[],
  results: readonly NumberType[],
): Runner {
  const ended = new Map<number, (result: unknown) => void>();
  let lastId = 0;
  const done = (id: number, result: unknown) => ended.get(id)!(result);
  const { exports } = new WebAssembly.Instance(shimModule(parameters, results), {
    // One that was lowered suspends by itself.
    "": { core: core as WebAssembly.ImportValue, done },
  });
  const run = promisingFunction(exports.run as CoreFunction);
  return (values, returned, failed) => {
    const id = lastId = lastId + 1 | 0;
    let state: "calling" | "returned" | "suspended" = "calling";
    let result: unknown;
    ended.set(id, (value) => {
      result = value;
      if (state === "calling") state = "returned";
    });
    const promise = run(id, ...values) as Promise<void>;
    if ((state as string) === "returned") {
      ended.delete(id);
      return returned(result);
    }
    state = "suspended";
    promise.then(() => {
      ended.delete(id);
      returned(result);
    }).catch(failed);
  };
}

function shimModule(parameters: readonly NumberType[], results: readonly NumberType[]): WebAssembly.Module {
  const key = `${parameters} ${results}`;
  let module = MODULES.get(key);
  if (module === undefined) {
    if (MODULES.size >= MAX_SHIMS) MODULES.clear();
    MODULES.set(key, module = new WebAssembly.Module(shimBytes(parameters, results)));
  }
  return module;
}

/** (func (export "run") (param $id i32) (param …) (call $done (local.get $id) (call $core …))) */
function shimBytes(
  parameters: readonly NumberType[],
  results: readonly NumberType[],
): Uint8Array<ArrayBuffer> {
  const [given, got] = [parameters.map((type) => CODES[type]), results.map((type) => CODES[type])];
  const types = [
    [0x60, given.length, ...given, got.length, ...got], // core
    [0x60, got.length + 1, CODES.i32, ...got, 0], // done
    [0x60, given.length + 1, CODES.i32, ...given, 0], // run
  ];
  const body = [
    0, // no locals
    ...[0x20, 0],
    ...given.flatMap((_, index) => [0x20, index + 1]),
    ...[0x10, 0, 0x10, 1, 0x0b],
  ];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [types.length, ...types.flat()]),
    ...section(2, [2, 0, ...name("core"), 0, 0, 0, ...name("done"), 0, 1]),
    ...section(3, [1, 2]),
    ...section(7, [1, ...name("run"), 0, 2]),
    ...section(10, [1, body.length, ...body]),
  ]);
}

function section(id: number, content: readonly number[]): number[] {
  return [id, content.length & 127 | 128, content.length >> 7, ...content];
}

function name(text: string): number[] {
  return [text.length, ...new TextEncoder().encode(text)];
}
