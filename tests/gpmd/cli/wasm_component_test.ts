// Components: uploaded, shown, and refused, by the command and a real daemon.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { component, section } from "../../gmp/wasm_format/component/_bytes.ts";
import { moduleBytes } from "../../gmp/fixtures/module_bytes.ts";
import { startDaemon } from "../../tools/daemon_process.ts";
import { gpmd } from "../../tools/gpmd_command.ts";

const GREETER = new URL("../../../examples/greeter/", import.meta.url).pathname;

async function upload(env: Record<string, string>, bytes: Uint8Array, name: string) {
  const path = await Deno.makeTempFile({ suffix: ".wasm" });
  await Deno.writeFile(path, bytes);
  const outcome = await gpmd(env, "wasm", "upload", path, "--name", name, "--version", "v1.0.0");
  await Deno.remove(path);
  return outcome;
}

Deno.test("components and a daemon", async (t) => {
  await using daemon = await startDaemon();

  await t.step(
    "a component is uploaded without a warning and shown as WIT, as text and as data",
    async () => {
      const uploaded = await gpmd(
        daemon.env,
        "wasm",
        "upload",
        `${GREETER}greeter.wasm`,
        "--name",
        "greeter",
        "--version",
        "v1.0.0",
      );
      assertEquals([uploaded.code, uploaded.stderr], [0, ""]);
      const { stdout } = await gpmd(daemon.env, "wasm", "info", "greeter");
      const wit = stdout.slice(stdout.indexOf("package root:component;"));
      assertStringIncludes(wit, "  export ghost:demo/greeter@1.0.0;\n");
      // All but comments is as its source has it.
      const source = await Deno.readTextFile(`${GREETER}greeter.wit`);
      const lines = (text: string) =>
        text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
      const shown = new Set(lines(wit));
      for (const line of lines(source.slice(source.indexOf("interface"), source.indexOf("world")))) {
        if (!line.startsWith("///")) assert(shown.has(line), line);
      }
      const json = JSON.parse((await gpmd(daemon.env, "wasm", "info", "greeter", "--json")).stdout);
      assertEquals(json.exports.map(({ name }: { name: string }) => name), [
        "counter",
        "counter.next",
        "counter.merge",
        "greet",
        "birthday",
        "area",
        "size",
        "sum",
      ]);
      assertEquals(json.exports[3], {
        name: "greet",
        kind: "function",
        text: "greet(name: string) -> string",
      });
      assertEquals([json.imports, json.memories, json.omitted], [[], [], 0]);
      assertEquals(json.wit, wit.trimEnd());
    },
  );

  await t.step("a component that imports what nobody provides is published, and warned of", async () => {
    // Of the interfaces the third has no functions, only what `use` brings: nobody has to provide it.
    const imports = component(
      section(7, 3, [0x42, 2, [1, 0x40, 0, 1, 0], [4, 0, "f", 1, 0]], [0x40, 0, 1, 0], [0x42, 0]),
      section(
        10,
        4,
        [0, "acme:coal/mine", 5, 0],
        [0, "dig", 1, 1],
        [0, "wasi:io/poll@0.2.3", 5, 0],
        [0, "acme:coal/types", 5, 2],
      ),
    );
    const { code, stderr } = await upload(daemon.env, imports, "needy");
    assertEquals(code, 0);
    assertStringIncludes(
      stderr,
      "nobody provides what it imports, so it cannot run: dig(), acme:coal/mine (interface)\n",
    );
    assertStringIncludes(stderr, "it exports no function to call");
  });

  await t.step("a broken component is refused, and it is said what is wrong and where", async () => {
    const whole = await Deno.readFile(`${GREETER}greeter.wasm`);
    // (func (result i32)) without a value: only the engine looks into bodies.
    const body = moduleBytes([1, 1, 0x60, 0, 1, 0x7f], [3, 1, 0], [10, 1, 2, 0, 0x0b]);
    const cases: [string, Uint8Array, string][] = [
      ["cut", whole.subarray(0, whole.length - 100), "bytes and"],
      ["unknown", component(section(8, 1, [0x01, 0, 4, 0])), "func 4 is named and there are 0, at byte 11"],
      [
        "layer",
        Uint8Array.from([0, 0x61, 0x73, 0x6d, 0x0c, 0, 1, 0]),
        "the version is 12 of layer 1, not 13 of layer 1",
      ],
      ["body", component(section(1, [...body])), "in the core module at byte 10: "],
      [
        "nested",
        component([4, ...[component(section(1, [...body]))].flatMap((inner) => [inner.length, ...inner])]),
        "in the core module at byte 20: ",
      ],
    ];
    for (const [name, bytes, message] of cases) {
      const { code, stderr } = await upload(daemon.env, bytes, name);
      assert(code !== 0, name);
      assertStringIncludes(stderr, "NOT_A_MODULE");
      assertStringIncludes(stderr, message);
    }
    assertEquals((await gpmd(daemon.env, "wasm", "list")).stdout.includes("cut"), false);
  });
});
