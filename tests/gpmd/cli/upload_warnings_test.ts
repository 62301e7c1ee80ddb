import { assertEquals, assertMatch } from "@std/assert";
import { toolchainAdvice } from "../../../gmp/wasm_format/toolchain.ts";
import { runCommand } from "../../tools/commands.ts";
import { startDaemon } from "../../tools/daemon_process.ts";
import { gpmd } from "../../tools/gpmd_command.ts";
import { readModule } from "../../tools/network.ts";

/** Types by their bytes. */
const I32 = 0x7f;
const EXTERNREF = 0x6f;

const vector = (items: number[][]) => [items.length, ...items.flat()];
const name = (text: string) => [text.length, ...new TextEncoder().encode(text)];
const section = (id: number, content: number[]) => [id, content.length, ...content];

interface Parts {
  /** Parameters and results of the functions. */
  readonly types?: [number[], number[]][];
  /** Imported functions: two names, and a type. */
  readonly imports?: [string, string, number][];
  /** Functions of its own, which trap: a name, and a type. */
  readonly exports?: [string, number][];
}

/** A module of these parts, written byte by byte (core specification 3.0, "Binary Format"). */
function moduleOf({ types = [], imports = [], exports = [] }: Parts): Uint8Array<ArrayBuffer> {
  const at = imports.length;
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      vector(types.map(([from, to]) => [0x60, from.length, ...from, to.length, ...to])),
    ),
    ...section(2, vector(imports.map(([module, one, type]) => [...name(module), ...name(one), 0, type]))),
    ...section(3, vector(exports.map(([, type]) => [type]))),
    ...section(7, vector(exports.map(([one], i) => [...name(one), 0, at + i]))),
    ...section(10, vector(exports.map(() => [3, 0, 0x00, 0x0b]))),
  ]);
}

const NOTHING: [number[], number[]] = [[], []];

/** Modules, each with what is said of it: none of the good ones is warned of. */
const CASES: readonly [what: string, parts: Parts, warnings: readonly string[]][] = [
  ["runs", { types: [NOTHING], exports: [["_start", 0]] }, []],
  ["has a function", { types: [[[I32], [I32]]], exports: [["f", 0]] }, []],
  [
    "imports what there is",
    {
      types: [NOTHING, [[I32, I32, I32, I32], [I32]], [[I32, I32, I32, I32], []]],
      imports: [["wasi_snapshot_preview1", "fd_write", 1], ["env", "abort", 2]],
      exports: [["_start", 0]],
    },
    [],
  ],
  [
    "imports what there is not",
    {
      types: [NOTHING, [[I32], [I32]]],
      imports: [["env", "now", 1], ["wasi_unstable", "fd_write", 0]],
      exports: [["_start", 0]],
    },
    ["nobody provides what it imports, so it cannot run: env.now(i32) -> i32, wasi_unstable.fd_write()"],
  ],
  [
    "imports it with other types",
    { types: [NOTHING], imports: [["wasi_snapshot_preview1", "fd_write", 0]], exports: [["_start", 0]] },
    [
      "what it imports is provided with another signature, so it cannot run: wasi_snapshot_preview1.fd_write()",
    ],
  ],
  ["does nothing", {}, ["it has no _start to run, and exports no function to call"]],
  ["is only a library", { types: [NOTHING], exports: [["_initialize", 0]] }, [
    "it has no _start to run, and exports no function to call",
  ]],
  [
    "takes references",
    { types: [[[EXTERNREF], []]], exports: [["f", 0]] },
    ["it has no _start to run, and no function whose values can all be passed: f(externref)"],
  ],
  [
    "starts with arguments",
    { types: [[[I32], []]], exports: [["_start", 0]] },
    ["an entry point takes and returns nothing, unlike _start(i32)"],
  ],
  [
    "is half in JavaScript",
    {
      types: [NOTHING],
      imports: [["./greet_bg.js", "__wbg_log_ea240990d83e374e", 0]],
      exports: [["greet", 0]],
    },
    [
      'nobody provides what it imports, so it cannot run: "./greet_bg.js".__wbg_log_ea240990d83e374e()',
      toolchainAdvice("wasm-bindgen"),
    ],
  ],
  [
    "has types that are not in the file",
    { types: [[[I32], [I32]]], exports: [["greet", 0], ["__new", 0]] },
    [toolchainAdvice("AssemblyScript")],
  ],
];

Deno.test("what gpmd wasm upload warns of", async (t) => {
  await using daemon = await startDaemon();

  await t.step(
    "wasm upload warns of what will not work, as nodes then find it, and of nothing else",
    async () => {
      const directory = await Deno.makeTempDir();
      try {
        const files = CASES.map((_, i) => `${directory}/m${i}-v1.0.0.wasm`);
        for (const [i, [, parts]] of CASES.entries()) await Deno.writeFile(files[i]!, moduleOf(parts));
        const { code, stdout, stderr } = await gpmd(daemon.env, "wasm", "upload", "--json", ...files);
        assertEquals([code, stderr], [0, ""]);
        const uploaded = JSON.parse(stdout) as { warnings: string[]; sizeBytes: number }[];
        for (const [i, [what, parts, warnings]] of CASES.entries()) {
          assertEquals(uploaded[i]!.warnings, warnings, what);
          assertEquals(uploaded[i]!.sizeBytes, moduleOf(parts).length);
        }
        // What is warned of fails at a node, and with a code of its own.
        const found = await runCommand("gvm", ["--keep-going"], {
          env: daemon.env,
          stdin: ["m3", "m4", "m5", "m7.f(1)", "m8", "m1.f(1)"].join("\n"),
        });
        assertEquals(
          found.stderr.split("\n").map((line) => /^[A-Z_]+(?=:)/.exec(line)?.[0]).filter(Boolean),
          [
            "IMPORT_NOT_FOUND",
            "UNSUPPORTED_SIGNATURE",
            "FUNCTION_NOT_FOUND",
            "UNSUPPORTED_SIGNATURE",
            "UNSUPPORTED_SIGNATURE",
            "TRAP",
          ],
        );
      } finally {
        await Deno.remove(directory, { recursive: true });
      }
    },
  );

  await t.step(
    "wasm upload warns of a name that the prompt reads otherwise, and of a version that is not the latest",
    async () => {
      const math = new URL("../../../examples/math/math.wasm", import.meta.url).pathname;
      const upload = async (name: string, version: string) => {
        const args = [`--name=${name}`, `--version=${version}`, `--file=${math}`];
        const { code, stdout, stderr } = await gpmd(daemon.env, "wasm", "upload", ...args);
        assertEquals([code, stdout.split("\n")[0]], [0, "Module Uploaded Successfully!"]);
        return stderr;
      };
      assertEquals(await upload("math", "v0.2.0"), "");
      assertEquals(
        await upload("math", "v0.1.0"),
        "warning: v0.1.0 is not the latest version: v0.2.0 is, and it is used where no version is named\n",
      );
      for (const name of ["help", "node", "math.add"]) {
        const said = `warning: the prompt reads ${name} otherwise; write it in quotes there: "${name}"\n`;
        assertEquals(await upload(name, "v1.0.0"), said);
        const called = await runCommand("gvm", ["run", "--quiet", `"${name}".add(1,2)`], { env: daemon.env });
        assertEquals([called.stdout, called.code], ["3\n", 0], called.stderr);
      }
    },
  );

  await t.step("in JSON, signatures are data, and numbers have their units in their names", async () => {
    await using client = await daemon.connect();
    await client.upload({ name: "math", version: "v0.0.1", module: readModule("math") });
    const json = async (...args: string[]) => JSON.parse((await gpmd(daemon.env, ...args, "--json")).stdout);
    const info = await json("wasm", "info", "math");
    assertEquals(info.exports.find((one: { name: string }) => one.name === "addf"), {
      name: "addf",
      kind: "function",
      text: "addf(f64, f64) -> f64",
      parameters: ["f64", "f64"],
      results: ["f64"],
    });
    assertEquals(info.sizeBytes, readModule("math").length);
    const status = await json("status");
    assertEquals(Object.keys(status.memory), ["rssBytes", "heapBytes"]);
    assertMatch(`${status.uptimeMs}`, /^\d+$/);
    assertEquals(status.uptime, undefined);
  });
});
