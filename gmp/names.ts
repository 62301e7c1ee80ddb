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

/** Words with a meaning of their own at the start of a line of the prompt. */
export const PROMPT_WORDS: ReadonlySet<string> = new Set(["help", "exit", "quit", "drop"]);

/** Whether the prompt takes the module's name as it is; another one must be in quotes there. */
export function isPlainAtPrompt(module: string): boolean {
  return !PROMPT_WORDS.has(module) && module !== "node" && !/\.(?![\d-])/.test(module);
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

/** What stands before a hash in place of a version. */
const HASH_MARK = "sha256:";
/** Characters of what stands for a version in messages: one, or a hash. */
export const LONGEST_VERSION: number = HASH_MARK.length + 64;
const HASH = /^[0-9a-f]{64}$/;

/** True for a SHA-256 as Ghost Network writes it: 64 hexadecimal digits in lower case. */
export function isHash(value: unknown): value is string {
  return typeof value === "string" && HASH.test(value);
}

/** The hash in `sha256:HEX`, which may stand for a version; `undefined` for anything else. */
export function hashIn(text: string): string | undefined {
  const digits = text.startsWith(HASH_MARK) ? text.slice(HASH_MARK.length) : undefined;
  return isHash(digits) ? digits : undefined;
}

/** What stands for the version of a module that is known by its hash alone. */
export function writeHash(hash: string): string {
  return `${HASH_MARK}${hash}`;
}

/** What a hash must look like, for messages. */
export const HASH_FORM: string = `a hash is ${HASH_MARK} and 64 of 0-9 and a-f`;

/** @throws {GhostError} `INVALID_NAME` for anything but 64 hexadecimal digits in lower case. */
export function checkHashName(value: unknown): string {
  if (isHash(value)) return value;
  throw new GhostError("INVALID_NAME", `Cannot use ${shown(value)} as a hash: ${HASH_FORM}`);
}

/** A module's name, perhaps with a version or a hash: `math`, `math@v0.0.1`, `math@sha256:…`. */
export interface ModuleName {
  /** The module. */
  readonly module: string;
  /** Its version as it is stored, with a `v`; the latest when left out. */
  readonly version?: string | undefined;
  /** The SHA-256 of its bytes in place of a version, 64 hexadecimal digits: exactly this module, wherever it is. */
  readonly hash?: string | undefined;
}

/**
 * Parses `math`, `math@v0.0.1` or `math@sha256:` with all 64 digits.
 *
 * @throws {GhostError} `INVALID_NAME`.
 */
export function parseModuleName(text: string): ModuleName {
  const at = text.indexOf("@");
  if (at < 0) return checkModuleName({ module: text });
  const [module, version] = [text.slice(0, at), text.slice(at + 1)];
  if (!version.startsWith(HASH_MARK)) return checkModuleName({ module, version });
  return checkModuleName({ module, hash: version.slice(HASH_MARK.length) });
}

/**
 * `name` with its version as it is stored.
 *
 * @throws {GhostError} `INVALID_NAME`, also for a version and a hash at once.
 */
export function checkModuleName({ module, version, hash }: ModuleName): ModuleName {
  const checked = {
    module: checkName(module, "module name"),
    version: version === undefined ? undefined : checkVersion(version),
  };
  if (hash === undefined) return checked;
  if (version === undefined) return { ...checked, hash: checkHashName(hash) };
  throw new GhostError(
    "INVALID_NAME",
    `Cannot use ${shown(module)} with a version and a hash: name one of them`,
  );
}

/** The text that {@linkcode parseModuleName} parses into `name`, which has been checked. */
export function writeModuleName({ module, version, hash }: ModuleName): string {
  if (hash !== undefined) return `${module}@${HASH_MARK}${hash}`;
  return version === undefined ? module : `${module}@${version}`;
}

/** A node's name that nobody has chosen: `node-` and four digits. */
export function drawName(): string {
  return `node-${String(crypto.getRandomValues(new Uint16Array(1))[0]! % 9000 + 1000)}`;
}

/** True for a name of the form of {@linkcode drawName}: it may be gone with its node, and is no other node's for long. */
export function isDrawnName(name: string): boolean {
  return /^node-[1-9]\d{3}$/.test(name);
}

/** Words that are no device's name: they stand for this device, and for every node of every device. */
const RESERVED_DEVICES: ReadonlySet<string> = new Set(["local", "everyone"]);

/** True for what can be a device's name: as {@linkcode isName}, and neither `local` nor `everyone`. */
export function isDeviceName(value: unknown): value is string {
  return isName(value) && !RESERVED_DEVICES.has(value);
}

/**
 * Returns `value` if it can be a device's name: as {@linkcode checkName}, and neither `local` nor `everyone`.
 *
 * @throws {GhostError} `INVALID_NAME` otherwise.
 */
export function checkDeviceName(value: unknown): string {
  const name = checkName(value, "device name");
  if (isDeviceName(name)) return name;
  throw new GhostError("INVALID_NAME", `Cannot use "${name}" as a device name: the word has another meaning`);
}

/** A node of this device (`node-1`) or of another one (`node-1@laptop`). */
export interface NodeAddress {
  /** The node. */
  readonly name: string;
  /** Its device; this one when left out. */
  readonly device?: string | undefined;
}

/**
 * Parses `node-1` or `node-1@laptop`.
 *
 * @throws {GhostError} `INVALID_NAME`.
 */
export function parseNodeAddress(text: string): NodeAddress {
  const at = text.indexOf("@");
  if (at < 0) return { name: checkName(text, "node name") };
  return { name: checkName(text.slice(0, at), "node name"), device: checkDeviceName(text.slice(at + 1)) };
}

/** The text that {@linkcode parseNodeAddress} parses into `address`. */
export function writeNodeAddress({ name, device }: NodeAddress): string {
  return device === undefined ? name : `${name}@${device}`;
}
