import { assert, assertEquals } from "@std/assert";
import { unicodeWidth } from "@std/cli/unicode-width";
import { findTopic, noSuchTopic, renderHelp, renderTopic, TOPICS } from "../../../gvm/repl/help.ts";
import { parse } from "../../../gvm/repl/language/parser.ts";
import { NODE_COMMANDS } from "../../../gvm/repl/language/syntax.ts";

Deno.test("every example is a line that can be typed", () => {
  for (const { example } of TOPICS) assert(parse(example).ok, example);
});

Deno.test("every command has its topic, and none is made up", () => {
  const found = TOPICS.map(({ name }) => name).filter((name) => name.startsWith("Node."));
  assertEquals(found.sort(), NODE_COMMANDS.map((name) => `Node.${name}`).sort());
});

Deno.test("help lists every form", () => {
  const lines = renderHelp().split("\n");
  assertEquals(lines.length, TOPICS.length + 5);
  assert(lines.includes("Node.connect(NODE)           connect to a node"), lines.join("\n"));
});

Deno.test("help keeps within narrow and wide terminals", () => {
  for (const columns of [40, 60, 80, 120]) {
    for (const text of [renderHelp(columns), ...TOPICS.map((topic) => renderTopic(topic, columns))]) {
      for (const line of text.split("\n")) assert(unicodeWidth(line) < columns, `${columns}: ${line}`);
    }
  }
});

Deno.test("a topic is found by any of its names", () => {
  for (const name of ["Node.run", "node.run", "run", "Node.run(node-8399, math)"]) {
    assertEquals(findTopic(name)?.name, "Node.run");
  }
  assertEquals(findTopic("load")?.name, ".load");
  assertEquals(findTopic("connect")?.name, "Node.connect");
  assertEquals(findTopic("Node.rum"), undefined);
});

Deno.test("an unknown topic is answered with the nearest", () => {
  assertEquals(noSuchTopic("Node.rum"), "there is no such topic, and no such module; did you mean Node.run?");
  assertEquals(
    noSuchTopic("frobnication"),
    "there is no such topic, and no such module; help lists all topics",
  );
});

Deno.test("a topic shows its form, what there is to know and an example", () => {
  assertEquals(
    renderTopic(findTopic("Node.connect")!, 60),
    [
      "Node.connect(NODE)",
      "  Asks GPMD where the node is and connects to it. Then each",
      "  node can run modules and functions on the other. A node",
      "  of another device has the name of that device behind its",
      "  own: Node.connect(node-8399@laptop)",
      "",
      "  Node.connect(node-8399)",
    ].join("\n"),
  );
});
