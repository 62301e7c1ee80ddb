import { cut } from "./value_types.ts";

/** A value that is not of the type that it is for, and where it is: thrown while a value is written. */
export class Misfit extends Error {
  /** Where it is within the argument, for people, the outermost first: `field "age"`, `element 3`. */
  readonly steps: string[] = [];
  /** The same for programs: `["tags", 2]`. */
  readonly path: (string | number)[] = [];

  /** `value` is not `expected`, which begins with an article or is a clause: `a u32 (an integer …)`. */
  constructor(readonly value: unknown, readonly expected: string, readonly type: string) {
    super(`${showValue(value)}, not ${expected}`);
  }
}

/** `error`, which was thrown within the part `step` of a value, called `key` in JavaScript. */
export function within(error: unknown, step: string, key: string | number): unknown {
  if (error instanceof Misfit) {
    error.steps.unshift(step);
    error.path.unshift(key);
  }
  return error;
}

/** A wrong value as an error message shows it. */
export function showValue(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(cut(value, 40));
    case "bigint":
      return cut(`${value}n`, 40);
    case "number":
    case "boolean":
    case "undefined":
      return String(value);
    case "object":
      return value === null ? "null" : Array.isArray(value) ? "an array" : "an object";
    default:
      return `a ${typeof value}`;
  }
}
