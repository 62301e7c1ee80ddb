import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../gvm/cli/failure.ts";
import { readOptions } from "../../../gvm/cli/options.ts";

/** The complaint about wrong usage. */
function wrong(...args: string[]): string {
  return assertThrows(() => readOptions(args), UsageError).message;
}

Deno.test("without a subcommand it is the prompt, and everything has a default", () => {
  assertEquals(readOptions([]), {
    command: "repl",
    words: [],
    rest: [],
    name: undefined,
    accept: "all",
    limits: {},
    executors: undefined,
    keepGoing: false,
    home: undefined,
    gmpPort: undefined,
    dirs: [],
    env: {},
  });
});

Deno.test("options are read before and behind the subcommand, with = or without", () => {
  const options = readOptions(["--name=calc", "run", "--timeout", "500", "math.add(1,2)", "--memory=64M"]);
  assertEquals([options.command, options.words, options.name], ["run", ["math.add(1,2)"], "calc"]);
  assertEquals(options.limits, { time: 500, memory: 64 * 2 ** 20 });
  const more = readOptions(["--executors=2", "--keep-going", "--home=/h", "--gmp-port=7", "--accept=a,b"]);
  assertEquals(readOptions(["--memory=64K"]).limits, { memory: 65_536 });
  assertEquals(readOptions(["--memory=16g", "--timeout=2147483647", "--executors=1024"]).executors, 1024);
  assertEquals([more.executors, more.keepGoing, more.home, more.gmpPort], [2, true, "/h", "7"]);
  assertEquals(more.accept, new Set(["a", "b"]));
});

Deno.test("exec has directories, variables, and arguments that are the module's own", () => {
  const options = readOptions(
    [
      "exec",
      "tool.wasm",
      "--dir=a::/b",
      "--dir",
      "/x::y:rw",
      "--dir=C:/x::/d:ro",
      "--dir=a::/d:1:ro",
      "--dir=a::/x:y/z",
      "--env=A=1",
      "--env=EMPTY=",
      "--env",
      "B=x=y",
      "--",
      "--help",
      "-x",
    ],
  );
  assertEquals([options.command, options.words, options.rest], ["exec", ["tool.wasm"], ["--help", "-x"]]);
  assertEquals(options.dirs, [
    { host: "a", guest: "/b", writable: false },
    { host: "/x", guest: "y", writable: true },
    { host: "C:/x", guest: "/d", writable: false },
    { host: "a", guest: "/d:1", writable: false },
    { host: "a", guest: "/x:y/z", writable: false },
  ]);
  assertEquals(options.env, { A: "1", EMPTY: "", B: "x=y" });
});

Deno.test("what only looks like a number stays as it was typed", () => {
  assertEquals(readOptions(["run", "007"]).words, ["007"]);
  assertEquals(readOptions(["exec", "1e3"]).words, ["1e3"]);
});

Deno.test("help and version go before all else", () => {
  for (const flag of ["--help", "-h"]) assertEquals(readOptions(["exec", flag]).command, "help");
  for (const flag of ["--version", "-V"]) assertEquals(readOptions([flag]).command, "version");
});

Deno.test("wrong usage is named, with what was probably meant", () => {
  assertEquals(wrong("rum"), "there is no command rum; did you mean run?");
  assertEquals(wrong("--acept=all"), "there is no option --acept=all; did you mean --accept?");
  assertEquals(wrong("-x"), "there is no option -x");
  assertEquals(wrong("--name"), "--name needs a value");
  assertEquals(wrong("run"), "run takes one line, in quotes: gvm run 'math.add(1,2)'");
  assertEquals(wrong("run", "a", "b"), "run takes one line, in quotes: gvm run 'math.add(1,2)'");
  assertEquals(
    wrong("exec", "a", "b"),
    "exec takes one FILE; arguments for it follow --: gvm exec tool.wasm -- --verbose",
  );
  for (const value of ["0", "-1", "1.5", "x", "1e3", "0x10", " 5", "2147483648", "9".repeat(400)]) {
    const least = `--timeout takes a whole number from 1 to 2147483647, not ${value}`;
    assertEquals(wrong(`--timeout=${value}`), least);
  }
  for (const value of ["0", "1025", "constructor"]) {
    assertEquals(
      wrong(`--executors=${value}`),
      `--executors takes a whole number from 1 to 1024, not ${value}`,
    );
  }
  for (const value of ["0", "1", "10K", "65535", "0G"]) {
    const least = `--memory takes 64K or more, which is one page of WebAssembly, not ${value}`;
    assertEquals(wrong(`--memory=${value}`), least);
  }
  assertEquals(wrong("--memory=17G"), "--memory takes at most 16G, not 17G");
  assertEquals(wrong("--memory=12Q"), "--memory takes a number of bytes, such as 64M, not 12Q");
  const forms = "--dir takes HOST::GUEST, HOST::GUEST:ro or HOST::GUEST:rw, not ";
  for (const value of ["foo", "::/a", "a::", "a:/b"]) assertEquals(wrong(`--dir=${value}`), forms + value);
  for (const mode of ["rx", "RO", "wr", "w", "", "z"]) {
    const value = `a::/d:${mode}`;
    assertEquals(wrong(`--dir=${value}`), `${forms}${value}: "${mode}" is neither ro nor rw`);
  }
  for (const value of ["A", "=1", "="]) {
    assertEquals(wrong(`--env=${value}`), `--env takes NAME=VALUE, not ${value}`);
  }
  assertEquals(wrong("--env=__proto__=1"), "--env cannot set a variable called __proto__");
  assertEquals(
    wrong("--accept=a,../b"),
    '--accept takes all, none, ask or names of nodes, and "../b" is none of these',
  );
});
