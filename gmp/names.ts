import { GhostError } from "./errors.ts";

/** Names and versions become file names and travel in commands, so the pattern is strict. */
const PATTERN = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/**
 * True for a name or version that is safe everywhere: 1 to 64 of `a-z 0-9 . _ -`, no `..`, no leading mark.
 *
 * @example
 * ```ts
 * import { isName } from "@ghost/network/gmp";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([isName("node-8399"), isName("../../x")], [true, false]);
 * ```
 */
export function isName(value: unknown): value is string {
  return typeof value === "string" && PATTERN.test(value) && !value.includes("..");
}

/**
 * Returns `value` when {@linkcode isName} holds for it.
 *
 * @throws {GhostError} `INVALID_NAME` otherwise; `what` says whose name it is, such as `"module name"`.
 *
 * @example
 * ```ts
 * import { checkName, GhostError } from "@ghost/network/gmp";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(checkName("math", "module name"), "math");
 * assertThrows(() => checkName("Math!", "module name"), GhostError, 'Cannot use "Math!" as a module name');
 * ```
 */
export function checkName(value: unknown, what: string): string {
  if (isName(value)) return value;
  const shown = typeof value === "string" ? JSON.stringify(value.slice(0, 80)) : typeof value;
  throw new GhostError(
    "INVALID_NAME",
    `Cannot use ${shown} as a ${what}: it must be 1 to 64 of a-z, 0-9, ".", "_", "-", start with a letter or digit, and have no ".."`,
  );
}

/** A module as it is named: `math`, `math@v0.0.1`. */
export interface ModuleName {
  /** The module. */
  readonly module: string;
  /** Its version, the latest when there is none. */
  readonly version: string | undefined;
}

/**
 * Takes `math` or `math@v0.0.1` apart.
 *
 * @throws {GhostError} `INVALID_NAME`.
 *
 * @example
 * ```ts
 * import { parseModuleName } from "@ghost/network/gmp";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseModuleName("math@v0.0.1"), { module: "math", version: "v0.0.1" });
 * assertEquals(parseModuleName("math"), { module: "math", version: undefined });
 * ```
 */
export function parseModuleName(text: string): ModuleName {
  const at = text.indexOf("@");
  return {
    module: checkName(at < 0 ? text : text.slice(0, at), "module name"),
    version: at < 0 ? undefined : checkName(text.slice(at + 1), "version"),
  };
}
