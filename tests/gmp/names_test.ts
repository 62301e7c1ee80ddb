import { assertEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../gmp/errors.ts";
import { checkName, isName, parseModuleName } from "../../gmp/names.ts";

Deno.test("names and versions of a-z, 0-9, dots, underscores and dashes are allowed", () => {
  for (const name of ["a", "0", "math", "v0.0.1", "node-1", "a_b.c-d", "1.0.0-rc.1", "a.", "a".repeat(64)]) {
    assertEquals(isName(name), true, name);
    assertEquals(checkName(name, "module name"), name);
  }
});

const REFUSED = [
  ...["", "a".repeat(65), "A", "é", "а", "a b", "a\n", "\na", "a\0", "a/b", "a\\b", "a:b", "~", "a%2fb"],
  ...[".", "..", ".a", "-a", "_a", "a..b", "a..", "../../x", "/etc/passwd", "con*", "a?"],
  ...[undefined, null, 7, ["a"], { toString: () => "a" }],
];

for (const value of REFUSED) {
  Deno.test(`${JSON.stringify(value)} is not a name`, () => {
    assertEquals(isName(value), false);
    const error = assertThrows(() => checkName(value, "version"), GhostError);
    assertEquals(error.code, "INVALID_NAME");
  });
}

Deno.test("the error quotes the value, shortened, and says whose name it is", () => {
  const { message } = assertThrows(() => checkName("../../x", "module name"), GhostError);
  assertEquals(
    message,
    'Cannot use "../../x" as a module name: it must be 1 to 64 of a-z, 0-9, ".", "_", "-", ' +
      'start with a letter or digit, and have no ".."',
  );
  assertThrows(
    () => checkName("A".repeat(1e6), "version"),
    GhostError,
    `Cannot use "${"A".repeat(80)}" as a version`,
  );
  assertThrows(
    () => checkName('"\u001b[31m', "version"),
    GhostError,
    'Cannot use "\\"\\u001b[31m" as a version',
  );
  assertThrows(() => checkName(7, "version"), GhostError, "Cannot use number as a version");
});

Deno.test("NAME[@VERSION] is a name and perhaps a version", () => {
  assertEquals(parseModuleName("math"), { module: "math", version: undefined });
  assertEquals(parseModuleName("math@v0.0.1"), { module: "math", version: "v0.0.1" });
  for (const text of ["", "@v1", "math@", "math@v1@v2", "../x", "Math"]) {
    assertThrows(() => parseModuleName(text), GhostError);
  }
});
