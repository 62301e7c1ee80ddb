import { assertEquals } from "@std/assert";
import { type Node, outgoingLinks } from "../../../../gvm/cli/host_files/outgoing_links.ts";
import type { Shown } from "./_place.ts";

function nodes(shown: Shown): Map<string, Node> {
  return new Map(
    Object.entries(shown).map(([path, text]): [string, Node] => [
      path,
      text.startsWith("-> ")
        ? { type: "link", target: text.slice(3) }
        : { type: text === "/" ? "directory" : "file" },
    ]),
  );
}

/** The links that must not be made when `before` becomes `after`. */
function outgoing(before: Shown, after: Shown): string[] {
  const changed = Object.keys(after).filter((path) => after[path] !== before[path]);
  const links = changed.filter((path) => after[path]!.startsWith("-> "));
  return [...outgoingLinks(nodes(before), nodes(after), new Set(links))].sort();
}

const TREE = { "a": "/", "a/b": "/", "a/b/up": "-> ../..", "file": "text", "z": "/", "z/file": "x" };

Deno.test("a link that stays in the directory may be made, with .. behind names too", () => {
  for (
    const [path, target] of [
      ["x", "z/../z/file"],
      ["x", "./z/file"],
      ["x", "missing"],
      ["x", "missing/more"],
      ["x", "x"],
      ["x", "."],
      ["x", "z/.."],
      ["x", "a/b/up/a"],
      ["a/x", "../z/file"],
      ["a/b/x", "../../a"],
      ["a/b/x", "up/a/b/.."],
      ["a/b/x", "up"],
      ["x", ""],
    ] as const
  ) {
    assertEquals(outgoing(TREE, { ...TREE, [path]: `-> ${target}` }), [], `${path} -> ${target}`);
  }
});

Deno.test("a link that leads out may not be made, however it hides that", () => {
  for (
    const [path, target] of [
      ["x", "/etc/passwd"],
      ["x", "/"],
      ["x", ".."],
      ["x", "../outside/secret"],
      ["x", "./../outside/secret"],
      ["x", "a/../../outside/secret"],
      ["x", "a//..//..//outside"],
      ["a/b/x", "../../../outside/secret"],
      // By its text it would end in "a"; but "up" is the top.
      ["a/b/x", "up/../../outside/secret"],
      ["a/b/x", "up/../outside/secret"],
      // Not today, but once there is a link of that name.
      ["x", "missing/../outside/secret"],
      ["x", "file/../outside/secret"],
    ] as const
  ) {
    assertEquals(outgoing(TREE, { ...TREE, [path]: `-> ${target}` }), [path], `${path} -> ${target}`);
  }
});

Deno.test("links that are made at once cannot lead out together, and those of the user's are no help", () => {
  assertEquals(outgoing({}, { "a": "-> .", "b": "-> a/../x" }), ["b"]);
  assertEquals(outgoing({}, { "a": "-> b", "b": "-> c", "c": "-> .." }), ["a", "b", "c"]);
  assertEquals(outgoing({ "out": "-> ../x" }, { "out": "-> ../x", "b": "-> out/y" }), ["b"]);
  assertEquals(outgoing({ "out": "-> ../x" }, { "out": "-> ../x" }), []);
  assertEquals(outgoing({ "out": "-> ../x" }, { "out": "-> ../y" }), ["out"]);
});

Deno.test("a link from an earlier run does not lead out by what a later one makes", () => {
  const before = { "m": "/", "sub": "/", "l": "-> m/../x" };
  assertEquals(outgoing(before, { "sub": "/", "l": "-> m/../x", "m": "-> ." }), ["m"]);
  assertEquals(outgoing(before, { "sub": "/", "l": "-> m/../x", "m": "-> sub" }), []);
  assertEquals(outgoing(before, { "m": "/", "sub": "/", "l": "-> m/../x", "n": "-> m" }), []);
});

Deno.test("a loop and a chain that is too long lead nowhere", () => {
  const chain = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`l${i}`, `-> l${i + 1}`]));
  assertEquals(outgoing({}, { ...chain, "a": "-> b", "b": "-> a" }), []);
});
