import { checkArgument, checkVariable, type WasiOptions } from "../guest/options.ts";
import { InputQueue } from "../host/input_queue.ts";
import type { InputSource } from "../host/streams.ts";
import { Waits } from "../host/waits.ts";
import { HttpBudget } from "./http/budget.ts";
import { OpenCount } from "./open_count.ts";

/** What the interfaces of one guest share, those of both versions together. */
export interface Context extends WasiOptions {
  /** Its standard input. */
  readonly stdin: InputSource;
  /** Its waits. */
  readonly waits: Waits;
  /** What it has open. */
  readonly open: OpenCount;
  /** The memory of its HTTP messages. */
  readonly http: HttpBudget;
}

/**
 * What a guest with `options` starts with.
 *
 * @throws {TypeError} for an argument or a variable that no program can be given.
 */
export function makeContext(options: WasiOptions): Context {
  options.args.forEach(checkArgument);
  Object.entries(options.env ?? {}).forEach(([name, value]) => checkVariable(name, value));
  return {
    ...options,
    stdin: options.stdin ?? new InputQueue([], true),
    waits: new Waits(options.blocking ?? true),
    open: new OpenCount(),
    http: new HttpBudget(),
  };
}
