import { GhostError } from "./errors.ts";

/** Names become file names and travel in commands, so the pattern is strict. */
const PATTERN = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** True for a name that is safe everywhere: 1 to 64 of `a-z 0-9 . _ -`, no `..`, no leading mark. */
export function isName(value: unknown): value is string {
  return typeof value === "string" && PATTERN.test(value) && !value.includes("..");
}

/**
 * Returns `value` if it is a name: 1 to 64 of `a-z 0-9 . _ -`, with no `..` and no leading mark.
 *
 * @throws {GhostError} `INVALID_NAME` otherwise; `what` says what kind of name it is, such as `"module name"`.
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
  throw new GhostError(
    "INVALID_NAME",
    `Cannot use ${
      shown(value)
    } as a ${what}: it must be 1 to 64 of a-z, 0-9, ".", "_", "-", start with a letter or digit, and have no ".."`,
  );
}

/** Characters of a version at most: it becomes part of a file name, too. */
const MAX_VERSION = 64;
const NUMBER = "(?:0|[1-9]\\d*)";
const IDENTIFIER = `(?:${NUMBER}|\\d*[a-z-][a-z0-9-]*)`;
/** Semantic Versioning 2.0.0 (semver.org), in lower case and without build metadata, which does not count there. */
const VERSION = new RegExp(`^v?(${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-${IDENTIFIER}(?:\\.${IDENTIFIER})*)?)$`);

/** What a version must look like, for messages. */
export const VERSION_FORM: string =
  "a version is three numbers, such as v0.0.1, and may have a pre-release in lower case, such as v1.2.0-rc.1; " +
  `it has at most ${MAX_VERSION} characters and no build metadata`;

/** The semantic version `value` in its one form, with a `v`; `undefined` for anything else. */
export function canonicalVersion(value: unknown): string | undefined {
  if (typeof value !== "string" || value.length > MAX_VERSION) return undefined;
  const plain = VERSION.exec(value)?.[1];
  // Versions are compared by their numbers, which must be exact.
  if (plain === undefined || !numbersIn(plain).every(Number.isSafeInteger)) return undefined;
  const canonical = `v${plain}`;
  return canonical.length > MAX_VERSION ? undefined : canonical;
}

function numbersIn(version: string): number[] {
  const dash = version.indexOf("-");
  const [core, prerelease] = dash < 0 ? [version, ""] : [version.slice(0, dash), version.slice(dash + 1)];
  return [...core.split("."), ...prerelease.split(".")].filter((one) => /^\d+$/.test(one)).map(Number);
}

/**
 * The one way to write a version, which is with a `v`: `1.0.0` and `v1.0.0` are the same.
 *
 * @throws {GhostError} `INVALID_NAME` for anything else.
 *
 * @example
 * ```ts
 * import { checkVersion, GhostError } from "@ghost/network/gmp";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(checkVersion("0.0.1"), "v0.0.1");
 * assertThrows(() => checkVersion("nightly"), GhostError, 'Cannot use "nightly" as a version');
 * ```
 */
export function checkVersion(value: unknown): string {
  const version = canonicalVersion(value);
  if (version !== undefined) return version;
  throw new GhostError("INVALID_NAME", `Cannot use ${shown(value)} as a version: ${VERSION_FORM}`);
}

function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value.slice(0, 80)) : typeof value;
}

/** A module's name, with or without a version: `math`, `math@v0.0.1`. */
export interface ModuleName {
  /** The module. */
  readonly module: string;
  /** Its version as it is stored, with a `v`; the latest when left out. */
  readonly version?: string | undefined;
}

/**
 * Parses `math` or `math@v0.0.1`.
 *
 * @throws {GhostError} `INVALID_NAME`.
 */
export function parseModuleName(text: string): ModuleName {
  const at = text.indexOf("@");
  return checkModuleName(
    at < 0 ? { module: text } : { module: text.slice(0, at), version: text.slice(at + 1) },
  );
}

/**
 * `name` with its version as it is stored.
 *
 * @throws {GhostError} `INVALID_NAME`.
 */
export function checkModuleName({ module, version }: ModuleName): ModuleName {
  return {
    module: checkName(module, "module name"),
    version: version === undefined ? undefined : checkVersion(version),
  };
}

/** The text that {@linkcode parseModuleName} parses into `name`, which has been checked. */
export function writeModuleName({ module, version }: ModuleName): string {
  return version === undefined ? module : `${module}@${version}`;
}
