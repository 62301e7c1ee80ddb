import { assertEquals, assertRejects } from "@std/assert";
import { parse as parseLine } from "../../../gmp/command/parse.ts";
import { HOME } from "../../../gmp/command/settings_options.ts";
import { UsageError } from "../../../gmp/command/usage_error.ts";
import { GPMD } from "../../../gpmd/cli/commands.ts";
import {
  FOLLOW,
  JSON_OUTPUT,
  MODULE_FILE,
  MODULE_NAME,
  MODULE_VERSION,
  NON_DETACHED,
} from "../../../gpmd/cli/options.ts";

const parse = (args: string[]) => parseLine(GPMD, args);

/** The invocation that `args` are parsed to. */
async function invocation(...args: string[]) {
  const request = await parse(args);
  if (request.kind !== "run") throw new Error(`it is ${request.kind}`);
  return { name: request.command.name, ...request.invocation };
}

async function refusal(...args: string[]): Promise<[message: string, command: string | undefined]> {
  const { message, command } = await assertRejects(() => parse(args), UsageError);
  return [message, command];
}

Deno.test("a command is found wherever common options stand", async () => {
  for (
    const args of [
      ["wasm", "info", "math@v1.0.0", "--home", "/x", "--json"],
      ["--home=/x", "wasm", "--json", "info", "math@v1.0.0"],
      ["--home", "/x", "wasm", "info", "--json", "math@v1.0.0"],
    ]
  ) {
    const { name, operands, get, has } = await invocation(...args);
    assertEquals([name, operands, get(HOME), has(JSON_OUTPUT)], ["wasm info", ["math@v1.0.0"], "/x", true]);
  }
});

Deno.test("values are taken as they are written, also where they look like numbers", async () => {
  const { get, all, operands } = await invocation(
    "wasm",
    "upload",
    "--name=1e3",
    "--version",
    "1.10",
    "--file=a",
    "--file",
    "b",
    "0x10",
  );
  assertEquals([get(MODULE_NAME), get(MODULE_VERSION), all(MODULE_FILE), operands], ["1e3", "1.10", [
    "a",
    "b",
  ], [
    "0x10",
  ]]);
  assertEquals((await invocation("wasm", "info", "--", "--odd")).operands, ["--odd"]);
});

Deno.test("-nd, --non-detached and other short forms", async () => {
  assertEquals((await invocation("start", "-nd")).has(NON_DETACHED), true);
  assertEquals((await invocation("start", "--non-detached")).has(NON_DETACHED), true);
  assertEquals((await invocation("start")).has(NON_DETACHED), false);
  assertEquals((await invocation("logs", "-f")).has(FOLLOW), true);
  const { has, operands } = await invocation("wasm", "info", "--json", "true");
  assertEquals([has(JSON_OUTPUT), operands], [true, ["true"]]);
  assertEquals((await refusal("nodes", "--json=no"))[0], "--json takes no value");
  assertEquals((await refusal("nodes", "-h=1"))[0], "-h takes no value");
  assertEquals((await refusal("nodes", "-undefined"))[0], "there is no option -undefined");
  assertEquals((await refusal("start", "-n"))[0], "there is no option -n");
  assertEquals(
    (await refusal("status", "-nd"))[0],
    "gpmd status takes no --non-detached; it belongs to gpmd start",
  );
});

Deno.test("--help is of the command that it stands with, help of the one that follows", async () => {
  const of = async (...args: string[]) => {
    const request = await parse(args);
    return request.kind === "help" ? request.of : undefined;
  };
  assertEquals(await of("--help"), "");
  assertEquals(await of("-h"), "");
  assertEquals(await of("help"), "");
  assertEquals(await of("wasm", "--help"), "wasm");
  assertEquals(await of("wasm", "upload", "--help"), "wasm upload");
  assertEquals(await of("help", "wasm", "upload"), "wasm upload");
  assertEquals((await parse(["--version"])).kind, "version");
  assertEquals((await parse(["status", "-V"])).kind, "version");
});

Deno.test("wrong usage says what is nearest and which help to read", async () => {
  assertEquals(await refusal(), [
    "gpmd needs a command: start, restart, kill, status, nodes, logs, wasm, device, grant, grants, revoke, service, completions",
    "gpmd",
  ]);
  assertEquals(await refusal("wasm"), [
    "gpmd wasm needs a command: upload, list, info, types, remove",
    "gpmd wasm",
  ]);
  assertEquals(await refusal("starrt"), ['there is no command "starrt"; did you mean "gpmd start"?', "gpmd"]);
  assertEquals(await refusal("list"), ['there is no command "list"; did you mean "gpmd wasm list"?', "gpmd"]);
  assertEquals(await refusal("wasm", "uplaod"), [
    'there is no command "wasm uplaod"; did you mean "gpmd wasm upload"?',
    "gpmd wasm",
  ]);
  assertEquals(await refusal("xyzzy"), ['there is no command "xyzzy"', "gpmd"]);
  assertEquals(await refusal("status", "--jsn=1"), [
    'there is no option --jsn; did you mean "--json"?',
    "gpmd status",
  ]);
  assertEquals(await refusal("kill", "now"), ['gpmd kill takes nothing; "now" is too much', "gpmd kill"]);
  assertEquals(await refusal("wasm", "info"), ["gpmd wasm info needs NAME[@VERSION]", "gpmd wasm info"]);
  assertEquals(await refusal("status", "--home="), ["--home needs a value", "gpmd status"]);
  assertEquals(await refusal("wasm", "upload", "--file"), ["--file needs a value", "gpmd wasm upload"]);
});
