// What is declared of modules. `deno check`, which is a part of `deno task test`, compiles the programs beside this file with
// the declarations that are written there: it would take 10 s to read @ghost/network once more.
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { inspectComponent } from "../../../gmp/wasm_format/component/inspect_component.ts";
import { readModule } from "../../../gmp/wasm_format/module_reader.ts";
import { declarationsOf } from "../../../gpmd/declarations/declarations.ts";
import { TypeNames } from "../../../gpmd/declarations/names.ts";
import { ROOT, runCommand } from "../../tools/commands.ts";
import { startDaemon } from "../../tools/daemon_process.ts";
import { gpmd } from "../../tools/gpmd_command.ts";
import { moduleBytes, nameBytes } from "../../gmp/fixtures/module_bytes.ts";
import { component, longSection, longText, vector } from "../../gmp/wasm_format/component/_bytes.ts";

const read = (path: string) => Deno.readFile(`${ROOT}/${path}`);
const published = (name: string) => ({ name, version: "v0.0.1", hash: "0".repeat(64) });
const describe = async (bytes: Uint8Array) =>
  bytes[6] === 1 ? await inspectComponent(bytes) : readModule(bytes);

Deno.test("functions of numbers and of plug-ins are declared by their exported names", async () => {
  const math = declarationsOf(await describe(await read("examples/math/math.wasm")), published("math"));
  assertStringIncludes(
    math,
    "export interface Math {\n  add(p1: number | boolean, p2: number | boolean): Promise<number>;",
  );
  assertStringIncludes(math, "  add64(p1: bigint | number, p2: bigint | number): Promise<bigint>;");
  const counter = declarationsOf(
    await describe(await read("examples/counter/counter.wasm")),
    published("counter"),
  );
  assertStringIncludes(
    counter,
    "  divmod(p1: number | boolean, p2: number | boolean): Promise<[number, number]>;",
  );
  assertStringIncludes(counter, "  reset(): Promise<void>;");
  const plugin = declarationsOf(
    await describe(await read("tests/gvm/fixtures/plugin.wasm")),
    published("plugin"),
  );
  assertStringIncludes(
    plugin,
    "  echo(input: Uint8Array | readonly number[] | string): Promise<Uint8Array>;",
  );
  assertStringIncludes(plugin, "  add(p1: number | boolean, p2: number | boolean): Promise<number>;");
});

/** What is declared of a module with names that are no identifiers. */
function oddDeclarations(): string {
  const names = ["a b", '"', "*/", "\u202e", "\n", "ü", "constructor", "new"];
  const bytes = moduleBytes(
    [1, 1, 0x60, 0, 0],
    [3, names.length, ...names.map(() => 0)],
    [7, names.length, ...names.flatMap((name, index) => [...nameBytes(name), 0, index])],
    [10, names.length, ...names.flatMap(() => [2, 0, 0x0b])],
  );
  return declarationsOf(readModule(bytes), published("odd-names"));
}

Deno.test("names that are no identifiers, or mean to end a comment, stay names", () => {
  const text = oddDeclarations();
  assertEquals(
    text.slice(text.indexOf("export")),
    `export interface OddNames {
  "a b"(): Promise<void>;
  "\\""(): Promise<void>;
  "*/"(): Promise<void>;
  "\\u202e"(): Promise<void>;
  "\\n"(): Promise<void>;
  "ü"(): Promise<void>;
  constructor(): Promise<void>;
  "new"(): Promise<void>;
}
`,
  );
});

Deno.test("gpmd wasm types writes what the library does, and says what is not there", async () => {
  await using daemon = await startDaemon();
  await using client = await daemon.connect();
  const module = await read("examples/greeter/greeter.wasm");
  await client.upload({ name: "greeter", version: "v0.0.1", module });
  const { stdout, code } = await gpmd(daemon.env, "wasm", "types", "greeter");
  assertEquals(code, 0);
  assertEquals(stdout, await client.declarations("greeter"));
  assertEquals(stdout, await greeterDeclarations());
  const nothing = await runCommand("gpmd", ["wasm", "types", "nothing"], { env: daemon.env });
  assertEquals(nothing.code, 1);
  assert(nothing.stderr.startsWith("MODULE_NOT_FOUND"), nothing.stderr);
});

/** What is declared of the greeter in version v0.0.1. */
async function greeterDeclarations(): Promise<string> {
  const bytes = await read("examples/greeter/greeter.wasm");
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  return declarationsOf(await describe(bytes), { name: "greeter", version: "v0.0.1", hash });
}

Deno.test("programs compile with what is declared, and are told what does not fit", async () => {
  const declared = { "_odd_names.d.ts": oddDeclarations(), "_flows.d.ts": await flowsDeclarations() };
  for (const [path, text] of Object.entries(declared)) {
    const written = await Deno.readTextFile(new URL(path, import.meta.url));
    assertEquals(written.slice(written.indexOf("// Types of")), text, path);
  }
});

Deno.test("the greeter's functions, types, resource and errors are declared in examples/greeter", async () => {
  // However deno fmt breaks lines.
  const words = (text: string) => text.match(/\w+|[^\s\w;]/g);
  assertEquals(
    words(await Deno.readTextFile(`${ROOT}/examples/greeter/greeter.d.ts`)),
    words(await greeterDeclarations()),
  );
});

/** What is declared of a component with streams and futures. */
async function flowsDeclarations(): Promise<string> {
  return declarationsOf(
    await describe(await read("tests/gvm/component/fixtures/flows.wasm")),
    published("flows"),
  );
}

Deno.test("streams and futures are declared as they are passed and returned", async () => {
  const text = await flowsDeclarations();
  const bytesIn = "Uint8Array | readonly number[] | string | number";
  const streamIn = `ReadableStream<${bytesIn}> | AsyncIterable<${bytesIn}> | Iterable<${bytesIn}>`;
  assertStringIncludes(text, `  echo(data: ${streamIn}): Promise<ReadableStream<Uint8Array>>;`);
  assertStringIncludes(text, "ReadableStream<string> | AsyncIterable<string> | Iterable<string>");
  assertStringIncludes(text, "  double(number: Promise<number> | number): Promise<number>;");
  assertStringIncludes(text, "  data: ReadableStream<Uint8Array>;\n  size: Promise<number>;");
});

/** A component that exports a function of `times` times a tuple with an enum of that name in it, `width` times. */
function wideComponent(name: string, width: number, times: number): Uint8Array<ArrayBuffer> {
  const instance = [0x42].concat(vector(
    [1, 0x6d, 1, ...longText("a")],
    [4, 0, ...longText(name), 3, 0, 0],
    [1, 0x6f, ...vector(...Array.from({ length: width }, () => [1]))],
    [1, 0x6f, ...vector(...Array.from({ length: times }, () => [2]))],
    [1, 0x40, 1, ...longText("p"), 3, 1, 0],
    [4, 0, ...longText("f"), 1, 4],
  ));
  // It exports what it imports.
  return component(
    longSection(7, vector(instance)),
    longSection(10, vector([0, ...longText("i"), 5, 0])),
    longSection(11, vector([0, ...longText("e"), 5, 0, 0])),
  );
}

Deno.test("types that use a long name thousands of times are cut, or refused before they are text", async () => {
  const cut = declarationsOf(await describe(wideComponent("a".repeat(100_000), 1000, 1)), published("cut"));
  assert(cut.length < 500_000);
  const much = await describe(wideComponent("a".repeat(100_000), 5000, 5));
  const error = assertThrows(() => declarationsOf(much, published("much")), GhostError);
  assertEquals(error.code, "PAYLOAD_TOO_LARGE");
});

Deno.test("the 50,000th type of a name takes no longer than the second", () => {
  const names = new TypeNames();
  for (let i = 0; i < 50_000; i++) names.give("type");
  assertEquals(names.give("type"), "Type50001");
});

Deno.test("no type is called as what the declarations use", () => {
  const names = new TypeNames();
  assertEquals(["iterable", "async-iterable", "map"].map((one) => names.give(one)), [
    "Iterable2",
    "AsyncIterable2",
    "Map2",
  ]);
});
