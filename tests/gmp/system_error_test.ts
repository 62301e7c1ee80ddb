import { assertEquals, assertFalse } from "@std/assert";
import { GhostError } from "../../gmp/errors.ts";
import { isExhausted, quotedPath, systemCode, systemReason } from "../../gmp/system_error.ts";
import { cannotSpawn, systemFault } from "../../gmp/system_fault.ts";

/** An error as Deno makes it of what the system says. */
function told(message: string, code?: string): Error {
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}

const { NotFound, NotADirectory, IsADirectory, PermissionDenied, FilesystemLoop, NotCapable } = Deno.errors;

Deno.test("what the system says, and why in words", () => {
  const cases: [unknown, string | undefined, string][] = [
    [new NotFound("No path was found."), "ENOENT", "it does not exist"],
    [new NotADirectory("Not a directory (os error 20)"), "ENOTDIR", "a file is where a directory should be"],
    [new IsADirectory("Is a directory (os error 21): readfile 'd'"), "EISDIR", "it is a directory"],
    [new PermissionDenied("Permission denied (os error 13): open 'f'"), "EACCES", "you may not use it"],
    [new FilesystemLoop("Too many levels"), "ELOOP", "its symbolic links lead in a circle"],
    [told("x", "ENAMETOOLONG"), "ENAMETOOLONG", "its path is longer than the system takes"],
    [told("x", "ENOSPC"), "ENOSPC", "the disk is full"],
    [told("x", "EROFS"), "EROFS", "the disk is read-only"],
    [told("x", "EMFILE"), "EMFILE", "this process has as many files open as it may have"],
    [
      told(
        "Import 'file:///a.ts' failed.\n    0: Too many open files (os error 24)\n    at file:///b.ts",
        "ERR_MODULE_NOT_FOUND",
      ),
      "EMFILE",
      "this process has as many files open as it may have",
    ],
    [
      new TypeError("file name contained an unexpected NUL byte: lstat 'a\0b'"),
      undefined,
      "no path has a NUL in it",
    ],
    [told("No such device or address (os error 6): open 's'"), undefined, "no such device or address"],
    [told("File name too long (os error 36)"), undefined, "file name too long"],
    ["gone", undefined, "gone"],
  ];
  for (const [error, code, reason] of cases) {
    assertEquals([systemCode(error), systemReason(error)], [code, reason]);
  }
});

Deno.test("what Deno refuses is said without its advice to permit more", () => {
  const cases = [
    [
      'Requires all access to "/proc/x", run again with the --allow-all flag',
      "Deno lets no program read or write there",
    ],
    [
      'Requires read access to "/tmp/x", run again with the --allow-read flag',
      'this program has no read access to "/tmp/x"',
    ],
    [
      'Requires net access to "127.0.0.1:1111", specify the required permissions during compilation using `deno compile --allow-net`',
      'this program has no net access to "127.0.0.1:1111"',
    ],
    ["anything else, run it with --allow-all", "Deno lets no program read or write there"],
  ];
  for (const [message, reason] of cases) {
    const error = new NotCapable(message);
    assertEquals(systemReason(error), reason);
    assertFalse(GhostError.from(error).message.includes("--allow"));
  }
});

Deno.test("what Deno really throws is known: below /proc, a link to itself, a path that is too long", async () => {
  const directory = Deno.makeTempDirSync({ prefix: "ghost-system-" });
  try {
    Deno.symlinkSync("loop", `${directory}/loop`);
    Deno.writeTextFileSync(`${directory}/file`, "");
    const cases: [string, string][] = [
      [`${directory}/none`, "it does not exist"],
      [`${directory}/loop`, "its symbolic links lead in a circle"],
      [`${directory}/file/x`, "a file is where a directory should be"],
      [`${directory}/${"long/".repeat(1000)}`, "its path is longer than the system takes"],
      [`${directory}/\0`, "no path has a NUL in it"],
    ];
    for (const [path, reason] of cases) {
      assertEquals(systemReason(await Deno.stat(path).catch((error) => error)), reason, path);
    }
    assertEquals(systemReason(await Deno.readFile(directory).catch((error) => error)), "it is a directory");
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("a fault names what was to be done, and may be tried again where there was no room", () => {
  const full = systemFault("STORE_FAULT", 'open the store "/x"', told("x", "ENOSPC"));
  assertEquals([full.code, full.message, full.details, full.retryable], [
    "STORE_FAULT",
    'Cannot open the store "/x": the disk is full',
    { reason: "ENOSPC" },
    false,
  ]);
  const many = systemFault("STORE_FAULT", "use it", told("x", "EMFILE"));
  assertEquals([many.code, many.retryable], ["RESOURCE_EXHAUSTED", true]);
  const known = new GhostError("TRAP");
  assertEquals(systemFault("STORE_FAULT", "use it", known), known);
  assertEquals(GhostError.from(told("x", "EMFILE")).code, "RESOURCE_EXHAUSTED");
  assertEquals(GhostError.from(told("x", "ENOSPC")).code, "INTERNAL");
  assertFalse(isExhausted(undefined));
});

Deno.test("a process that cannot be started: no program, no permission, no room", () => {
  const cases: [GhostError, string, string][] = [
    [
      cannotSpawn("GPMD", new NotFound("Failed to spawn 'deno': entity not found")),
      "BAD_ARGUMENTS",
      'Cannot start GPMD: there is no program "deno" on the PATH',
    ],
    [
      cannotSpawn(
        "GPMD",
        new NotCapable('Requires run access to "deno", run again with the --allow-run flag'),
      ),
      "BAD_ARGUMENTS",
      'Cannot start GPMD: this program has no run access to "deno"',
    ],
    [
      cannotSpawn("GPMD", told("Failed to spawn 'deno': Too many open files (os error 24)")),
      "RESOURCE_EXHAUSTED",
      "Cannot start GPMD: this process has as many files open as it may have",
    ],
  ];
  for (const [error, code, message] of cases) assertEquals([error.code, error.message], [code, message]);
});

Deno.test("a path longer than a person would read is shown without its middle", () => {
  assertEquals(quotedPath("/tmp/x"), '"/tmp/x"');
  const shown = quotedPath(`/start/${"x".repeat(5000)}/end`);
  assertEquals([shown.length, shown.startsWith('"/start/'), shown.endsWith('/end"')], [303, true, true]);
});
