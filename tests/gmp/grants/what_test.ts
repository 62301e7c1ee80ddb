import { assert, assertEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { checkSubject, deviceOf, renamedSubject, subjectsOf } from "../../../gmp/grants/subject.ts";
import { functionGrants, isRight, parseWhat, runGrants } from "../../../gmp/grants/what.ts";
import { LONGEST_SUBJECT, LONGEST_WHAT } from "../../../gmp/messages/grants.ts";

Deno.test("WHAT has one form, however it is written", () => {
  const same = [
    "*",
    "math",
    "math.*",
    "math.add",
    "my.math.*",
    "my.math.add",
    "ship",
    "modules",
    "commands",
    "manage",
  ];
  for (const text of [...same, 'math."my name"', 'math."*"', 'math.""', "a.b", "ship.*", "ship.f"]) {
    assertEquals(parseWhat(text), text);
  }
  const others = {
    "math#add": "math.add",
    "math#my name": 'math."my name"',
    "math.'a b'": 'math."a b"',
    "math#": 'math.""',
  };
  for (const [text, what] of Object.entries(others)) assertEquals(parseWhat(text), what);
  assertEquals(parseWhat('math."\\x1b"'), 'math."\\u{1b}"', "safe to print");
});

Deno.test("what cannot be granted is refused, and said to be", () => {
  const wrong = [
    "",
    ".",
    "Math",
    "math.",
    "*.add",
    "math.**",
    "../x",
    "math add",
    "@",
    "-x",
    "math.'a",
    "*.*",
    "a..b.*",
  ];
  for (const text of wrong) {
    const error = assertThrows(() => parseWhat(text), GhostError, "", text);
    assertEquals(error.code, "INVALID_NAME", text);
  }
  const exact = `math@sha256:${"0".repeat(64)}`;
  for (
    const text of [
      exact,
      `${exact}.*`,
      `${exact}.add`,
      "math@v1.0.0",
      "math@1.0.0.add",
      "math@v1.0.0-rc.1.add",
      "math@v1.0.0.*",
    ]
  ) {
    assertThrows(() => parseWhat(text), GhostError, "a grant holds for every version", text);
  }
  assertEquals(parseWhat(`m.${"f".repeat(LONGEST_WHAT - 2)}`).length, LONGEST_WHAT);
  assertThrows(() => parseWhat(`m.${"f".repeat(LONGEST_WHAT - 1)}`), GhostError, "grant MODULE.* instead");
  assertThrows(() => parseWhat(`m.${"ä".repeat(LONGEST_WHAT / 2)}`), GhostError, "bytes");
});

Deno.test("a call and a run are allowed by their own name, their module's and *, in this order", () => {
  assertEquals(functionGrants("math", "add"), ["math.add", "math.*", "*"]);
  assertEquals(functionGrants("my.math", "a b"), ['my.math."a b"', "my.math.*", "*"]);
  assertEquals(functionGrants("math", "*"), ['math."*"', "math.*", "*"]);
  assertEquals(runGrants("math"), ["math", "math.*", "*"]);
  assertEquals(runGrants("a.b"), ["a.b.*", "*"], "a.b is the function b of a");
  assertEquals(runGrants("ship"), ["ship.*", "*"], "ship is a permission");
  // What allows something can be granted as it is.
  for (const what of [...functionGrants("m", 'x"\n'), ...runGrants("m"), ...functionGrants("a.b", "add")]) {
    assertEquals(parseWhat(what), what);
    assert(!isRight(what));
  }
});

Deno.test("WHO is everyone, this device, another one, or a node", () => {
  for (const text of ["everyone", "local", "laptop", "node-1@laptop", "node-1@local", "everyone@laptop"]) {
    assertEquals(checkSubject(text), text);
  }
  const longest = `${"n".repeat(64)}@${"d".repeat(64)}`;
  assertEquals(checkSubject(longest).length, LONGEST_SUBJECT);
  for (
    const text of [
      "",
      "@",
      "@laptop",
      "node-1@",
      "a@b@c",
      "Laptop",
      "node-1@everyone",
      "*",
      "a b",
      `${longest}d`,
    ]
  ) {
    assertEquals(assertThrows(() => checkSubject(text), GhostError, "", text).code, "INVALID_NAME");
  }
});

Deno.test("a caller is its node, its device and everyone", () => {
  const node = { name: "node-1", id: "1" };
  assertEquals(subjectsOf({ role: "node", node }), ["node-1@local", "local", "everyone"]);
  assertEquals(subjectsOf({ role: "node", device: "pi", node }), ["node-1@pi", "pi", "everyone"]);
  assertEquals(subjectsOf({ role: "command", device: "pi" }), ["pi", "everyone"]);
});

Deno.test("the grants of a device go with its name", () => {
  const devices = ["everyone", "local", "node-1@local", "pi", "node-1@pi"].map(deviceOf);
  assertEquals(devices, [undefined, undefined, undefined, "pi", "pi"]);
  assertEquals(renamedSubject("pi", "pi", "cake"), "cake");
  assertEquals(renamedSubject("pi@pi", "pi", "cake"), "pi@cake");
  for (const other of ["everyone", "local", "pi@local", "pi@pie"]) {
    assertEquals(renamedSubject(other, "pi", "cake"), other);
  }
});
