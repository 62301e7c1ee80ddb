import { assertEquals, assertRejects } from "@std/assert";
import { parse } from "../../../gmp/command/parse.ts";
import type { Invocation } from "../../../gmp/command/program.ts";
import { GMP_PORT, HOME } from "../../../gmp/command/settings_options.ts";
import { UsageError } from "../../../gmp/command/usage_error.ts";
import { GVM, limitsIn } from "../../../gvm/cli/commands.ts";
import { ACCEPT, DIR, ENV, EXECUTORS, KEEP_GOING, MEMORY, NAME, TIMEOUT } from "../../../gvm/cli/options.ts";

async function invocation(...args: string[]): Promise<Invocation & { command: string }> {
  const asked = await parse(GVM, args);
  if (asked.kind !== "run") throw new Error(`it is ${asked.kind}`);
  return { command: asked.command.name, ...asked.invocation };
}

/** The complaint about wrong usage. */
async function wrong(...args: string[]): Promise<string> {
  return (await assertRejects(() => parse(GVM, args), UsageError)).message;
}

Deno.test("without a subcommand it is the prompt, and nothing is set", async () => {
  const { command, operands, rest, get, has, ...line } = await invocation();
  assertEquals([command, operands, rest, has(KEEP_GOING)], ["", [], [], false]);
  for (const option of [NAME, ACCEPT, TIMEOUT, MEMORY, EXECUTORS, HOME, GMP_PORT]) {
    assertEquals(get<unknown>(option), undefined);
  }
  assertEquals(limitsIn({ operands, rest, get, has, ...line }), {});
});

Deno.test("options are read before and behind the subcommand, with = or without", async () => {
  const line = await invocation("--name=calc", "run", "--timeout", "500", "math.add(1,2)", "--memory=64M");
  assertEquals([line.command, line.operands, line.get(NAME)], ["run", ["math.add(1,2)"], "calc"]);
  assertEquals(limitsIn(line), { time: 500, memory: 64 * 2 ** 20 });
  const { get, has } = await invocation(
    "--executors=2",
    "--keep-going",
    "--home=/h",
    "--gmp-port=7",
    "--accept=a,b",
  );
  assertEquals((await invocation("--memory=64K")).get(MEMORY), 65_536);
  assertEquals(limitsIn(await invocation("--timeout=1m30s", "--memory=64MiB")), {
    time: 90_000,
    memory: 1 << 26,
  });
  const greatest = await invocation("--memory=16g", "--timeout=2147483647", "--executors=1024");
  assertEquals(greatest.get(EXECUTORS), 1024);
  assertEquals([get(EXECUTORS), has(KEEP_GOING), get(HOME), get(GMP_PORT)], [2, true, "/h", 7]);
  assertEquals(get(ACCEPT), new Set(["a", "b"]));
  const { get: far } = await invocation("--accept=node-1@laptop, @pi,b");
  assertEquals(far(ACCEPT), new Set(["node-1@laptop", "@pi", "b"]));
  assertEquals((await invocation("--name=a", "--name=b")).get(NAME), "b");
});

Deno.test("exec has directories, variables, and arguments that are the module's own", async () => {
  const line = await invocation(
    "exec",
    "tool.wasm",
    "--dir=a::/b",
    "--dir",
    "/x::y:rw",
    "--dir=C:/x::/d:ro",
    "--dir=a::/d:1:ro",
    "--dir=a::/x:y/z",
    "--dir=.",
    "--dir=a/b:rw",
    "--dir=a:b",
    "--env=A=1",
    "--env=EMPTY=",
    "--env",
    "B=x=y",
    "--env=HERE",
    "--",
    "--help",
    "-x",
    "-nd",
  );
  assertEquals([line.command, line.operands, line.rest], ["exec", ["tool.wasm"], ["--help", "-x", "-nd"]]);
  assertEquals(line.all(DIR), [
    { host: "a", guest: "/b", writable: false, readOnly: false },
    { host: "/x", guest: "y", writable: true, readOnly: false },
    { host: "C:/x", guest: "/d", writable: false, readOnly: true },
    { host: "a", guest: "/d:1", writable: false, readOnly: true },
    { host: "a", guest: "/x:y/z", writable: false, readOnly: false },
    { host: ".", guest: ".", writable: false, readOnly: false },
    { host: "a/b", guest: "a/b", writable: true, readOnly: false },
    { host: "a:b", guest: "a:b", writable: false, readOnly: false },
  ]);
  assertEquals(Object.fromEntries(line.all(ENV)), { A: "1", EMPTY: "", B: "x=y", HERE: undefined });
});

Deno.test("the words behind the file are the module's, from the first that is no option of exec", async () => {
  const rest = async (...args: string[]) => (await invocation("exec", ...args)).rest;
  assertEquals(await rest("f.wasm", "Ada", "--dir=x", "--help", "--", "y"), [
    "Ada",
    "--dir=x",
    "--help",
    "--",
    "y",
  ]);
  assertEquals(await rest("f.wasm", "--verbose", "-x"), ["--verbose", "-x"]);
  assertEquals(await rest("f.wasm", "-1", "2"), ["-1", "2"]);
  assertEquals(await rest("--env", "A=1", "f.wasm", "--dir", ".", "-", "--env=B"), ["-", "--env=B"]);
  assertEquals(await rest("f.wasm"), []);
  assertEquals(await rest("f.wasm", "--", "--env=B"), ["--env=B"]);
  const { operands, get } = await invocation("--timeout=1s", "exec", "run", "help", "run");
  assertEquals([operands, get(TIMEOUT)], [["run"], 1000]);
});

Deno.test("what only looks like a number stays as it was typed", async () => {
  assertEquals((await invocation("run", "007")).operands, ["007"]);
  assertEquals((await invocation("exec", "1e3")).operands, ["1e3"]);
});

Deno.test("help is of the command that it stands with; help and version go before all else", async () => {
  for (const flag of ["--help", "-h"]) {
    assertEquals(await parse(GVM, ["exec", flag, "a", "b"]), { kind: "help", of: "exec" });
    assertEquals(await parse(GVM, [flag, "--name"]), { kind: "help", of: "" });
  }
  assertEquals(await parse(GVM, ["help", "run"]), { kind: "help", of: "run" });
  for (const flag of ["--version", "-V"]) assertEquals((await parse(GVM, [flag])).kind, "version");
});

Deno.test("an option of another command is not taken", async () => {
  assertEquals(
    await wrong("exec", "--accept=all", "x.wasm"),
    "gvm exec takes no --accept; it belongs to gvm and gvm run",
  );
  assertEquals(await wrong("run", "x", "--dir=a::b"), "gvm run takes no --dir; it belongs to gvm exec");
});

Deno.test("wrong usage is named, with what was probably meant", async () => {
  assertEquals(await wrong("rum"), 'there is no command "rum"; did you mean "gvm run"?');
  assertEquals(await wrong("--acept=all"), 'there is no option --acept; did you mean "--accept"?');
  assertEquals(await wrong("-x"), "there is no option -x");
  assertEquals(await wrong("--name"), "--name needs a value");
  assertEquals(await wrong("run"), "gvm run needs LINE");
  assertEquals(
    await wrong("run", "a", "b"),
    "gvm run takes LINE; \"b\" is too much; did you mean gvm run 'a(b)'?",
  );
  assertEquals(
    await wrong("run", "math.add", "1", "0x2"),
    "gvm run takes LINE; \"1\" is too much; did you mean gvm run 'math.add(1, 0x2)'?",
  );
  assertEquals(await wrong("run", "a(", "b"), 'gvm run takes LINE; "b" is too much');
  for (const value of ["-1", "1.5", "x", "1e3", "0x10", " 5"]) {
    const form = `--timeout takes a time such as 5s, 500ms or 1m30s, not ${value}`;
    assertEquals(await wrong(`--timeout=${value}`), form);
  }
  assertEquals(await wrong("--timeout=0"), "--timeout takes 1ms or more, not 0");
  for (const value of ["2147483648", "9".repeat(400), "25d"]) {
    assertEquals(
      await wrong(`--timeout=${value}`),
      `--timeout takes at most 24d20h31m23s647ms, not ${value}`,
    );
  }
  for (const value of ["0", "1025", "constructor"]) {
    assertEquals(
      await wrong(`--executors=${value}`),
      `--executors takes a whole number from 1 to 1024, not ${value}`,
    );
  }
  for (const value of ["0", "1", "10K", "65535", "0G"]) {
    const least = `--memory takes 64K or more, not ${value}`;
    assertEquals(await wrong(`--memory=${value}`), least);
  }
  const exec = (option: string) => wrong("exec", "x.wasm", option);
  const forms = "--dir takes HOST or HOST::GUEST, with :ro or :rw behind it or without, not ";
  for (const value of ["::/a", "a::", ":rw"]) {
    assertEquals(await exec(`--dir=${value}`), forms + value);
  }
  for (const mode of ["rx", "RO", "wr", "w", "", "z"]) {
    const value = `a::/d:${mode}`;
    assertEquals(await exec(`--dir=${value}`), `${forms}${value}: "${mode}" is neither ro nor rw`);
  }
  for (const value of ["=1", "="]) {
    assertEquals(await exec(`--env=${value}`), `--env takes NAME=VALUE or NAME, not ${value}`);
  }
  assertEquals(await exec("--env=__proto__=1"), "--env cannot set a variable called __proto__");
  assertEquals(
    await wrong("--accept=a,../b"),
    '--accept takes all, none, ask, names of nodes, or @ and the name of a device, and "../b" is none of these',
  );
});
