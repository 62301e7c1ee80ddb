// Who imports whom: the table of rooms in docs/architecture.md is held against the code.
import { assertEquals } from "@std/assert";
import { type Arrows, circleIn, importsOf, roomOf, wrongImports } from "./_rooms.ts";
import { readPage, rowsOf } from "./_tables.ts";

/** What GMP is made of, which neither commands nor a device's files are any of. */
const PROTOCOL = [
  "frames",
  "transports",
  "handshake",
  "channel",
  "ports",
  "messages",
  "types",
  "wasm_format",
];

async function readArrows(): Promise<Map<string, Set<string>>> {
  const rows = rowsOf(await readPage("architecture.md"), "room", "what", "imports");
  return new Map(
    rows.map((
      { room, imports },
    ) => [room!, new Set(Array.from(imports!.matchAll(/[\w/]+/g), ([name]) => name))]),
  );
}

const arrows: Arrows = await readArrows();
const imports = await importsOf();

Deno.test("a room imports those that architecture.md gives it, and no entry point", () => {
  assertEquals(wrongImports(imports, arrows), []);
});

Deno.test("architecture.md has every room, and no arrow that nothing needs", () => {
  const used = new Set(imports.map(({ from, to }) => `${roomOf(from)} → ${roomOf(to)}`));
  const drawn = [...arrows].flatMap(([room, others]) => [...others].map((other) => `${room} → ${other}`));
  assertEquals(drawn.filter((arrow) => !used.has(arrow)), []);
  const rooms = new Set(imports.flatMap(({ from, to }) => [roomOf(from), roomOf(to)]));
  rooms.delete(undefined);
  assertEquals([...arrows.keys()].sort(), [...rooms].sort() as string[]);
});

Deno.test("no rooms import each other in a circle", () => {
  assertEquals(circleIn(arrows), undefined);
});

Deno.test("gmp imports neither command, the commands not each other, and the protocol nothing that is theirs", () => {
  const wrong: string[] = [];
  const foreign = { gmp: /^(gpmd|gvm)\b/, gpmd: /^gvm\b/, gvm: /^gpmd\b/ };
  for (const [room, others] of arrows) {
    const part = room.split("/")[0] as keyof typeof foreign;
    const isProtocol = PROTOCOL.some((name) => room === `gmp/${name}`);
    for (const other of others) {
      const isTheirs = other === "gmp/command" || other === "gmp/device";
      if (foreign[part].test(other) || (isProtocol && isTheirs)) wrong.push(`${room} → ${other}`);
    }
  }
  assertEquals(wrong, []);
});

Deno.test("an import that is planted is found, and so is a circle", () => {
  const planted = [
    { from: "gmp/frames/frame.ts", to: "gpmd/store/home.ts" },
    { from: "gvm/wasi/files/quota.ts", to: "gvm/node/ghost_node.ts" },
    { from: "gvm/cellar/new.ts", to: "gmp/errors.ts" },
    { from: "gpmd/store/home.ts", to: "gpmd/mod.ts" },
    { from: "gpmd/store/home.ts", to: "gmp/errors.ts" },
    { from: "gpmd/main.ts", to: "gpmd/cli/commands.ts" },
  ];
  assertEquals(wrongImports(planted, arrows), [
    "gmp/frames/frame.ts imports gpmd/store/home.ts",
    "gvm/wasi/files/quota.ts imports gvm/node/ghost_node.ts",
    "gvm/cellar/new.ts is in no room",
    "gpmd/store/home.ts imports the entry point gpmd/mod.ts",
  ]);
  const bent = new Map([...arrows, ["gmp/frames", new Set(["gmp/channel"])]]);
  assertEquals(circleIn(bent), ["gmp/frames", "gmp/channel", "gmp/frames"]);
});
