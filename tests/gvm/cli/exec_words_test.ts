// `gvm exec` as people type it: arguments without `--`, a function, a directory by its own name, a variable by its name.
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { ROOT, runCommand } from "../../tools/commands.ts";
import { exec, FIXTURES, GREET, temporary, TOOL } from "./_exec.ts";

const GREETER = join(ROOT, "examples/greeter/greeter.wasm");
const MATH = join(ROOT, "examples/math/math.wasm");

Deno.test("arguments need no --", async () => {
  assertEquals(await exec([GREET, "Ada", "--fail"]), {
    code: 3,
    stdout: "Hello, Ada!\n",
    stderr: "greet: failed, as asked\n",
  });
  assertEquals((await exec([GREET, "--help", "-V"])).stdout, "Hello, --help!\nHello, -V!\n");
  assertEquals((await exec(["--env", "A=1", TOOL, "--env=B=2", "env", "A", "env", "B"])).stdout, "1\n2\n");
});

Deno.test("--config configures a plug-in", async () => {
  const plugin = join(ROOT, "tests/gvm/fixtures/plugin.wasm");
  const options = ["--config", "greeting=Hello=you", "--config=other="];
  const invoke = (key: string) => exec(["--invoke=configured", ...options, plugin, key]);
  assertEquals(await invoke('"greeting"'), { code: 0, stdout: 'b"Hello=you"\n', stderr: "" });
  assertEquals((await invoke('"other"')).stdout, "[]\n");
  for (const wrong of ["greeting", "=x", "__proto__=x"]) {
    const { code, stderr } = await exec(["--invoke=configured", "--config", wrong, plugin, '""']);
    assertEquals([code, stderr.includes("--config")], [2, true], stderr);
  }
});

Deno.test("--invoke calls a function of the file and prints its result", async () => {
  assertEquals(await exec(["--invoke", "add", MATH, "1", "-2"]), {
    code: 0,
    stdout: "Adding Numbers From Wasm...\n-1\n",
    stderr: "",
  });
  assertEquals(
    (await exec(["--invoke=divmod", join(ROOT, "examples/counter/counter.wasm"), "7", "2"])).stdout,
    "[3, 1]\n",
  );
  assertEquals((await exec(["--invoke=add(1, -2)", MATH])).stdout, "Adding Numbers From Wasm...\n-1\n");
  for (
    const [name, ...words] of [["greet", "Ada Lovelace"], ["greet", '"Ada Lovelace"'], [
      'greet("Ada Lovelace")',
    ]]
  ) {
    assertEquals((await exec([`--invoke=${name}`, GREETER, ...words])).stdout, '"Hello, Ada Lovelace!"\n');
  }
  for (
    const [args, expected] of [
      [["--invoke=add(1,,2)", MATH], /^add\(1,,2\)\n {6}\^ expected a value\n$/],
      [["--invoke=greet(Ada)", GREETER], /^greet\(Ada\)\n {6}\^ name takes a string; .*"Ada"\n$/],
      [
        ["--invoke=greet", GREETER, "it's", "not one word"],
        /^BAD_ARGUMENTS: Cannot use argument 2 of greet: one argument too many: it takes 1: name: string\n$/,
      ],
      [
        ["--invoke=ad", MATH, "1", "2"],
        /^FUNCTION_NOT_FOUND: Cannot call ad: math.wasm exports no such function; did you mean add\?/,
      ],
      [
        ["--invoke=add", MATH, "1"],
        /^BAD_ARGUMENTS: Cannot call add: it takes 2 arguments \(i32, i32\), not 1\n$/,
      ],
      [
        ["--invoke=add", MATH, "1", "tow"],
        /^BAD_ARGUMENTS: Cannot use argument 2 of add: text must be in quotes: "tow"\n$/,
      ],
      [["--invoke=div", MATH, "1", "0"], /^TRAP: .*divide by zero\n$/],
      [["--invoke=spin", "--timeout=300ms", join(ROOT, "examples/counter/counter.wasm")], /^TIME_LIMIT: /],
    ] as const
  ) {
    const { code, stderr } = await exec([...args]);
    assertEquals(code, 1);
    assertMatch(stderr, expected);
  }
});

Deno.test("--invoke refuses what only a command is given", async () => {
  for (const option of ["--dir=.", "--env=A=1"]) {
    assertEquals(await exec([option, "--invoke=add(1, 2)", MATH]), {
      code: 2,
      stdout: "",
      stderr:
        `gvm: ${
          option.slice(0, 5)
        } does not go with --invoke: only a command has directories and variables, not a function\n` +
        "Try: gvm exec --help\n",
    });
  }
});

Deno.test("--invoke takes its values in one of two places", async () => {
  assertEquals(await exec(["--invoke=add(1, 2)", MATH, "3"]), {
    code: 2,
    stdout: "",
    stderr: 'gvm: --invoke has the values in parentheses, and "3" is too much\nTry: gvm exec --help\n',
  });
});

Deno.test("--dir takes a directory by its own name, and --env a variable by its", async () => {
  using place = temporary();
  Deno.writeTextFileSync(join(place.path, "file"), "contents");
  const read = await exec(["--dir", ".", TOOL, "read", "file"], { cwd: place.path });
  assertEquals([read.code, read.stdout], [0, "contents"], read.stderr);
  const env = { GHOST_HOME: "/nonexistent", GREETING: "a=b", EMPTY: "" };
  const given = ["--env=GREETING", "--env", "EMPTY", "--env=NOT_SET_AT_ALL"];
  const asked = ["GREETING", "EMPTY", "NOT_SET_AT_ALL", "GHOST_HOME"].flatMap((name) => ["env", name]);
  const { stdout } = await runCommand("gvm", ["exec", ...given, TOOL, ...asked], { env });
  assertEquals(stdout, "a=b\n\n(unset)\n(unset)\n");
});

Deno.test("that changes are not kept is said, where nobody asked for that", async () => {
  using place = temporary();
  const write = (dir: string) => exec([`--dir=${dir}`, TOOL, "write", "/d/new", "text"], { cwd: place.path });
  assertEquals(await write(".::/d"), {
    code: 0,
    stdout: "",
    stderr: 'gvm: changes in "/d" were not kept; to keep them, give --dir HOST::GUEST:rw\n',
  });
  assertEquals((await write(".::/d:ro")).stderr, "");
  assertEquals([...Deno.readDirSync(place.path)], []);
  assertEquals((await write(".::/d:rw")).stderr, "");
  assertEquals(Deno.readTextFileSync(join(place.path, "new")), "text");
  assertEquals((await exec(["--dir=.::/d", TOOL, "read", "/d/new"], { cwd: place.path })).stderr, "");
});

Deno.test("a module as text is told how to become one", async () => {
  for (const file of [join(ROOT, "examples/counter/counter.wat"), join(FIXTURES, "unknown_import.wat")]) {
    const { code, stderr } = await exec([file]);
    assertEquals(code, 1);
    assertMatch(
      stderr,
      /^NOT_A_MODULE: .*it is WebAssembly text, not a binary module \(wat2wasm makes one of it\)/,
    );
  }
});
