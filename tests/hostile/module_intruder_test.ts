/** A module that reaches for the host by every path that WASI has, run by a real executor. */
import { assert, assertEquals } from "@std/assert";
import type { TreeEntry } from "../../gvm/wasi/mod.ts";
import { concat, hex } from "../gmp/_wire.ts";
import { assertFails, type Caller, Harness } from "../gvm/harness.ts";
import { temporaryHome } from "../gpmd/_modules.ts";

const INTRUDER = Deno.readFileSync(new URL("fixtures/intruder.wasm", import.meta.url));

/** Files of the host that are there: of the user, of the system, of the process itself. */
const HOST_FILES = [
  "/etc/passwd",
  "/proc/self/environ",
  "/proc/self/mem",
  "/dev/null",
  "/dev/stdin",
  "/tmp",
  "/root",
];

/** Runs the intruder with `directories`, and returns its last line after checking that there is no other. */
async function intrude(
  caller: Caller,
  argv: readonly string[],
  directories: readonly string[],
): Promise<string> {
  let text = "";
  const output = (bytes: Uint8Array) => text += new TextDecoder().decode(bytes);
  const { exitCode } = await caller.client.run({ module: "intruder", argv, directories, output });
  assertEquals(await exitCode, 0, text);
  const lines = text.trim().split("\n");
  assertEquals(lines.slice(0, -1), []);
  return lines.at(-1)!;
}

Deno.test("a module reaches no file, directory, variable or socket of the host", async () => {
  using place = temporaryHome();
  Deno.mkdirSync(place.home);
  const file = `${place.home}/secret`;
  Deno.writeTextFileSync(file, "untouched");
  await using harness = new Harness({ size: 1 });
  harness.modules.add("intruder", INTRUDER);
  const caller = await harness.caller();
  const argv = [file, place.home, ...HOST_FILES];

  assertEquals(await intrude(caller, argv, []), "58841 attempts, 0 reached");

  // Files that it is given are in memory; what links among them say leads to nothing of the host.
  const modifiedAt = 0n;
  const link = (path: string, target: string): TreeEntry => ({ path, type: "link", modifiedAt, target });
  await caller.client.loadFiles("/", [
    { path: "dir", type: "directory", modifiedAt },
    link("absolute", file),
    link("relative", `../../../../../../../..${file}`),
    link("loop", "loop"),
  ]);
  assertEquals(await intrude(caller, argv, ["/"]), "58886 attempts, 0 reached");

  assertEquals([...Deno.readDirSync(place.home)].map(({ name }) => name), ["secret"]);
  assertEquals(Deno.readTextFileSync(file), "untouched");
});

/** A module that imports one function, and nothing else. */
function importing(module: string, name: string): Uint8Array<ArrayBuffer> {
  const text = (value: string) => concat(Uint8Array.of(value.length), new TextEncoder().encode(value));
  const imports = concat(Uint8Array.of(1), text(module), text(name), hex("00 00"));
  const types = hex("01 04 01 60 00 00");
  const header = hex("00 61 73 6d 01 00 00 00");
  return concat(
    header,
    types,
    Uint8Array.of(2, imports.length),
    imports,
    hex("07 0a 01 06 5f 73 74 61 72 74 00 00"),
  );
}

Deno.test("a module that wants more than WASI is refused by name", async () => {
  await using harness = new Harness({ size: 1 });
  const caller = await harness.caller();
  const wanted: [string, string][] = [
    ["env", "fetch"],
    ["Deno", "readFileSync"],
    ["globalThis", "eval"],
    ["wasi_unstable", "path_open"],
    ["wasi_snapshot_preview1", "sock_open"],
    ["wasi_snapshot_preview1", "constructor"],
    ["wasi_snapshot_preview1", "__proto__"],
    ["__proto__", "toString"],
    ["node:fs", "readFileSync"],
    ["wasi:sockets/tcp@0.2.0", "connect"],
  ];
  for (const [module, name] of wanted) {
    harness.modules.add("wants", importing(module, name));
    harness.pool.modulesChanged();
    const error = await assertFails("IMPORT_NOT_FOUND", caller.run("wants").exitCode);
    assert(error.message.includes(name), error.message);
  }
});
