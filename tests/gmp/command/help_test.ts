import { assert, assertEquals } from "@std/assert";
import { help } from "../../../gmp/command/help.ts";
import { type Command, type Program, text } from "../../../gmp/command/program.ts";

const COLOR = text({
  name: "color",
  short: "c",
  value: "WHEN",
  text: "always, never, or whenever it is a terminal",
});
const paint: Command = {
  name: "paint wall",
  operands: [{ name: "WALL" }, { name: "MORE", many: true }],
  rest: "TOOL",
  text: "paint walls",
  options: [COLOR],
  examples: ["house paint wall north"],
  notes: "Paint dries in an hour.",
};
const HOUSE: Program = {
  name: "house",
  text: "looks after a house",
  commands: [paint, { ...paint, name: "sweep", operands: [], options: [], examples: ["house sweep"] }],
  options: [],
  exitCodes: [["0", "done"]],
};

Deno.test("the help of a command is about that command", () => {
  assertEquals(
    help(HOUSE, "paint wall"),
    `house paint wall: paint walls

Usage: house paint wall [options] WALL [MORE...] [-- TOOL...]

Options:
  -c, --color WHEN   always, never, or whenever it is a terminal
  -h, --help         show this help
  -V, --version      show the version

Example:
  house paint wall north

Paint dries in an hour.

Exit codes:
  0   done`,
  );
});

Deno.test("the help of a program lists its commands, that of a group those of the group", () => {
  assertEquals(
    help(HOUSE, ""),
    `house: looks after a house

Usage:
  house paint wall [options] WALL [MORE...] [-- TOOL...]   paint walls
  house sweep [-- TOOL...]                                 paint walls
  house completions bash|zsh|fish                          print a script that completes commands,
                                                           options and names in a shell

Options:
  -h, --help      show this help
  -V, --version   show the version

Examples:
  house paint wall north
  house sweep

Exit codes:
  0   done

Each command has more: house COMMAND --help`,
  );
  assert(
    help(HOUSE, "", 40).includes(
      "\n  house paint wall [options] WALL\n      [MORE...] [-- TOOL...]\n    paint walls\n",
    ),
  );
  assert(!help(HOUSE, "paint").includes("sweep"));
  assert(help(HOUSE, "paint").endsWith("house paint COMMAND --help"));
});

Deno.test("text wraps at words, and goes below its name where there is no room beside it", () => {
  assertEquals(
    help(HOUSE, "paint wall", 40).split("\n").slice(6, 11).join("\n"),
    `  -c, --color WHEN
    always, never, or whenever it is a
    terminal
  -h, --help
    show this help`,
  );
});

Deno.test("the help of a program with many examples shows the first of each word", () => {
  const painting = Array.from({ length: 12 }, (_, wall) => ({
    ...paint,
    name: `paint wall${wall}`,
    examples: [`house paint wall${wall}`, `house paint wall${wall} twice`],
  }));
  const program = { ...HOUSE, commands: [...painting, HOUSE.commands[1]!] };
  const shown = /Examples:\n(.*?)\n\n/s.exec(help(program, ""))?.[1];
  assertEquals(shown, "  house paint wall0\n  house sweep");
});
