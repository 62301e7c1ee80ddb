/** Why the operating system refused something, as the end of "Cannot X: …"; "it" is what X names. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: "you may not use it",
  EADDRINUSE: "it is held by another program",
  EAGAIN: "the system has no room for it at the moment",
  EBUSY: "it is in use",
  ECONNREFUSED: "nothing answers there",
  EDQUOT: "your share of the disk is used up",
  EEXIST: "it is there already",
  EINVAL: "the system does not accept it",
  EIO: "the device fails",
  EISDIR: "it is a directory",
  ELOOP: "its symbolic links lead in a circle",
  EMFILE: "this process has as many files open as it may have",
  ENAMETOOLONG: "its path is longer than the system takes",
  ENFILE: "the system has as many files open as it can have",
  ENOENT: "it does not exist",
  ENOMEM: "the system has no memory left",
  ENOSPC: "the disk is full",
  ENOTDIR: "a file is where a directory should be",
  ENOTEMPTY: "it is a directory that is not empty",
  EPERM: "you may not use it",
  EROFS: "the disk is read-only",
  ETXTBSY: "it is a program that is running",
};

/** The codes of errors that Deno tells apart by class, some of which have no code of their own. */
const CLASSES = [
  ["NotFound", "ENOENT"],
  ["NotADirectory", "ENOTDIR"],
  ["IsADirectory", "EISDIR"],
  ["FilesystemLoop", "ELOOP"],
  ["PermissionDenied", "EACCES"],
  ["AlreadyExists", "EEXIST"],
  ["AddrInUse", "EADDRINUSE"],
  ["ConnectionRefused", "ECONNREFUSED"],
] as const;

/** A code of the system. Deno's own codes, for failed imports, have an underscore. */
const SYSTEM_CODE = /^E[A-Z0-9]+$/;
/** How Deno ends a message of the system, also in a process's output; the numbers are the same on Linux and macOS. */
const NUMBER = /\(os error (\d+)\)/;
const NUMBERS: Readonly<Record<string, string>> = { 12: "ENOMEM", 23: "ENFILE", 24: "EMFILE", 28: "ENOSPC" };

/** Codes that say that the system or the process has no room left: what failed may succeed a moment later. */
const EXHAUSTED: ReadonlySet<string | undefined> = new Set(["EAGAIN", "EMFILE", "ENFILE", "ENOMEM"]);

/** Deno's message about a permission that a program lacks; what follows advises granting it. */
const LACKING = /^Requires (.+?),? (?:run again|specify) /s;

/** Characters of a path that a message shows; the longest that a system accepts has thousands. */
const SHOWN_PATH = 300;

/** The code that the operating system gave an error, such as `"ENOSPC"`. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string" && SYSTEM_CODE.test(error.code)) return error.code;
  const known = CLASSES.find(([name]) => error instanceof Deno.errors[name]);
  return known?.[1] ?? NUMBERS[NUMBER.exec(error.message)?.[1] ?? ""];
}

/** True when the system has no room left for what failed: files that may be open, processes, memory. */
export function isExhausted(error: unknown): boolean {
  return EXHAUSTED.has(systemCode(error));
}

/**
 * Why a file, port or process could not be used, as the end of "Cannot X: …", where "it" is what X names. It never
 * tells a user to run a command with more permissions: where Deno itself refuses, none of our permissions is missing.
 */
export function systemReason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Deno.errors.NotCapable) return reasonOfDeno(message);
  if (message.includes("unexpected NUL byte")) return "no path has a NUL in it";
  return REASONS[systemCode(error) ?? ""] ?? words(message);
}

/** Below /proc, /sys and /dev, Deno asks for every permission at once, which no program should have. */
function reasonOfDeno(message: string): string {
  const lacking = LACKING.exec(message)?.[1];
  return lacking === undefined || lacking.startsWith("all access")
    ? "Deno lets no program read or write there"
    : `this program has no ${lacking}`;
}

/** The first line of the system's own words, without its number and the call that failed. */
function words(message: string): string {
  const text = message.split("\n")[0]!.replace(/ \(os error \d+\).*$/, "");
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** `path` in quotation marks, without its middle if it is longer than a person would read. */
export function quotedPath(path: string): string {
  if (path.length <= SHOWN_PATH) return `"${path}"`;
  return `"${path.slice(0, SHOWN_PATH * 2 / 3)}…${path.slice(-SHOWN_PATH / 3)}"`;
}
