import { assertEquals } from "@std/assert";
import { complete } from "../../../gmp/command/complete.ts";
import { commandsOf } from "../../../gmp/command/program.ts";
import { GPMD as PROGRAM } from "../../../gpmd/cli/commands.ts";
import { startDaemon } from "../../tools/daemon_process.ts";
import { GPMD, gpmd } from "../../tools/gpmd_command.ts";
import { ADD_MODULE } from "../_modules.ts";

const of = (...words: string[]) =>
  complete(PROGRAM, words, {
    nodes: () => Promise.reject(new Error("nodes are not asked for here")),
    modules: (typed) =>
      Promise.resolve(typed.startsWith("math@") ? ["math@v2.0.0", "math@v1.0.0"] : ["math", "greet"]),
  });

Deno.test("commands, options, modules and shells are completed where they fit", async () => {
  assertEquals(await of(""), [...new Set(commandsOf(PROGRAM).map(({ name }) => name.split(" ")[0]!))]);
  assertEquals(await of("st"), ["start", "status"]);
  assertEquals(await of("wasm", ""), ["upload", "list", "info", "types", "remove"]);
  assertEquals(await of("wasm", "re"), ["remove"]);
  assertEquals(await of("wasm", "info", "m"), ["math"]);
  assertEquals(await of("wasm", "--json", "remove", ""), ["math", "greet"]);
  assertEquals(await of("wasm", "info", "math@v1"), ["math@v1.0.0"]);
  assertEquals(await of("wasm", "remove", "math", ""), []);
  assertEquals(await of("wasm", "upload", "--v"), ["--version="]);
  for (
    const words of [["upload", ""], ["upload", "a.wasm", "b"], ["upload", "--file=b"], [
      "upload",
      "--file",
      "=",
      "b",
    ]]
  ) {
    assertEquals(await of("wasm", ...words), "files");
  }
  assertEquals(await of("start", "--home="), "files");
  assertEquals(await of("start", "--home", ""), "files");
  assertEquals(await of("logs", "-n", ""), []);
  assertEquals(await of("completions", "z"), ["zsh"]);
  assertEquals(await of("nonsense", ""), []);
});

Deno.test("bash completes with the script that completions prints", async () => {
  await using daemon = await startDaemon();
  await using client = await daemon.connect();
  for (const version of ["v1.0.0", "v2.0.0"]) {
    await client.upload({ name: "math", version, module: ADD_MODULE });
  }
  const command = ["deno", ...GPMD].map((arg) => `'${arg}'`).join(" ");
  const line = async (...words: string[]) => {
    const { code, stdout, stderr } = await new Deno.Command("bash", {
      args: [
        "-c",
        `gpmd() { ${command} "$@"; }
        eval "$(gpmd completions bash)"
        COMP_WORDS=(gpmd "$@"); COMP_CWORD=$#
        _gpmd && echo "\${COMPREPLY[@]}"`,
        "bash",
        ...words,
      ],
      env: daemon.env,
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout).trim();
  };
  assertEquals(await line("wasm", ""), "upload list info types remove");
  assertEquals(await line("wasm", "info", "m"), "math");
  // Bash breaks the word at the @, and replaces what is behind the break.
  assertEquals(await line("wasm", "info", "math", "@"), "@v2.0.0 @v1.0.0");
  assertEquals(await line("wasm", "info", "math", "@", "v1"), "@v1.0.0");
  assertEquals(await line("wasm", "info", "nothing", "@"), "");
});

Deno.test("there is a script for each shell, and no other", async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, stdout } = await gpmd({}, "completions", shell);
    assertEquals([code, stdout.includes("__complete")], [0, true]);
  }
  for (const shell of ["constructor", "toString", "__proto__"]) {
    assertEquals((await gpmd({}, "completions", shell)).code, 2);
  }
  const { code, stderr } = await gpmd({}, "completions", "fis");
  assertEquals([code, stderr.includes('did you mean "fish"?')], [2, true]);
});
