/** What `gpmd` and `gvm` have in common: both are tables, read by the same code. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { help } from "../../gmp/command/help.ts";
import { commandsOf, optionsOf, type Program, typed, wordsOf } from "../../gmp/command/program.ts";
import { VERSION } from "../../gmp/version.ts";
import { GPMD } from "../../gpmd/cli/commands.ts";
import { GVM } from "../../gvm/cli/commands.ts";
import { commandLine, PATIENCE, ROOT, runCommand, within } from "../tools/commands.ts";

const PROGRAMS: readonly (Program & { readonly name: "gpmd" | "gvm" })[] = [
  { ...GPMD, name: "gpmd" },
  { ...GVM, name: "gvm" },
];
const NOWHERE = { GHOST_HOME: "/nonexistent", GHOST_COMMAND_PORT: "1", GHOST_GMP_PORT: "1" };

for (const program of PROGRAMS) {
  const run = (...args: string[]) => runCommand(program.name, args, { env: NOWHERE });

  Deno.test(`${program.name}: every command has help of its own, with each of its options and examples`, async () => {
    for (const command of commandsOf(program)) {
      const { code, stdout, stderr } = await run(...wordsOf(command), "--help");
      assertEquals([code, stderr], [0, ""]);
      const isWhole = command.name === "";
      assert(
        stdout.startsWith(isWhole ? `${program.name}: ` : `${typed(program, command)}: ${command.text}\n`),
      );
      for (const { name } of optionsOf(program, command)) assertMatch(stdout, new RegExp(`--${name}\\b`));
      for (const example of command.examples) assert(stdout.includes(`\n  ${example}\n`), example);
      for (const line of stdout.split("\n")) assert(line.length <= 100, line);
    }
    assertEquals(await run("--version"), { code: 0, stdout: `${program.name} ${VERSION}\n`, stderr: "" });
  });

  Deno.test(`${program.name}: help fits a narrow terminal`, () => {
    for (const { name } of [{ name: "" }, ...commandsOf(program)]) {
      for (const columns of [40, 60, 80]) {
        // What is typed stands in one line.
        const text = help(program, name, columns).replaceAll(/^ {2}\S.*$/gm, "");
        for (const line of text.split("\n")) {
          assert(line.length <= columns || !line.trim().includes(" "), line);
        }
      }
    }
  });

  Deno.test(`${program.name}: wrong usage ends with 2, what was meant, and where to look`, async () => {
    const cases: [args: string[], sentence: string, asked: string][] = [
      [["--hlep"], 'there is no option --hlep; did you mean "--help"?', program.name],
      [
        ["completion"],
        `there is no command "completion"; did you mean "${program.name} completions"?`,
        program.name,
      ],
      [["completions"], `${program.name} completions needs bash|zsh|fish`, `${program.name} completions`],
      [
        ["completions", "bash", "x"],
        `${program.name} completions takes bash|zsh|fish; "x" is too much`,
        `${program.name} completions`,
      ],
      [
        ["completions", "fis"],
        'there are completions for bash, zsh and fish only; did you mean "fish"?',
        `${program.name} completions`,
      ],
      [["constructor"], 'there is no command "constructor"', program.name],
      [["--__proto__=1"], "there is no option --__proto__", program.name],
      [["\x1b[2J"], 'there is no command "\\u{1b}[2J"', program.name],
    ];
    for (const [args, sentence, asked] of cases) {
      const stderr = `${program.name}: ${sentence}\nTry: ${asked} --help\n`;
      assertEquals(await run(...args), { code: 2, stdout: "", stderr }, args.join(" "));
    }
  });

  Deno.test(`${program.name}: who stops reading ends it, without a word`, async () => {
    const [file, ...args] = commandLine(program.name, ["--help"]);
    const child = new Deno.Command(file, {
      args,
      cwd: ROOT,
      env: NOWHERE,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    await child.stdout.cancel();
    const [{ code }, stderr] = await within(
      PATIENCE,
      "the end",
      Promise.all([child.status, new Response(child.stderr).text()]),
    );
    assertEquals([code, stderr], [141, ""]);
  });

  Deno.test(`${program.name}: an error is a code and a sentence, and no stack`, async () => {
    const failing = program.name === "gpmd" ? ["status"] : ["run", "math"];
    const { code, stdout, stderr } = await run(...failing);
    assertEquals([code, stdout], [1, ""]);
    assertMatch(stderr, /^GPMD_NOT_RUNNING: [^\n]+\n$/);
  });
}
