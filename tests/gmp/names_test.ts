import { assertEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../gmp/errors.ts";
import {
  canonicalVersion,
  checkDeviceName,
  checkModuleName,
  checkName,
  checkVersion,
  hashIn,
  isName,
  type NodeAddress,
  parseModuleName,
  parseNodeAddress,
  writeModuleName,
  writeNodeAddress,
} from "../../gmp/names.ts";

Deno.test("names of a-z, 0-9, dots, underscores and dashes are allowed", () => {
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
    const error = assertThrows(() => checkName(value, "node name"), GhostError);
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
    () => checkName("A".repeat(1e6), "node name"),
    GhostError,
    `Cannot use "${"A".repeat(80)}" as a node name`,
  );
  assertThrows(
    () => checkName('"\u001b[31m', "node name"),
    GhostError,
    'Cannot use "\\"\\u001b[31m" as a node name',
  );
  assertThrows(() => checkName(7, "node name"), GhostError, "Cannot use number as a node name");
});

Deno.test("NAME[@VERSION] is a name and perhaps a version", () => {
  assertEquals(parseModuleName("math"), { module: "math", version: undefined });
  assertEquals(parseModuleName("math@v0.0.1"), { module: "math", version: "v0.0.1" });
  assertEquals(parseModuleName("math@0.0.1"), { module: "math", version: "v0.0.1" });
  for (const text of ["", "@v1.0.0", "math@v1", "math@", "math@v1.0.0@v2", "../x", "Math"]) {
    assertThrows(() => parseModuleName(text), GhostError);
  }
});

Deno.test("a hash in place of a version names exactly one module", () => {
  const hash = "0123456789abcdef".repeat(4);
  const named = parseModuleName(`math@sha256:${hash}`);
  assertEquals(named, { module: "math", version: undefined, hash });
  assertEquals(writeModuleName(named), `math@sha256:${hash}`);
  assertEquals([hashIn(`sha256:${hash}`), hashIn(hash), hashIn("v1.0.0")], [hash, undefined, undefined]);
  for (const wrong of [hash.toUpperCase(), hash.slice(1), `${hash}0`, "", `${hash}@v1.0.0`]) {
    assertThrows(() => parseModuleName(`math@sha256:${wrong}`), GhostError, "64 of 0-9 and a-f");
  }
  assertThrows(
    () => checkModuleName({ module: "math", version: "v1.0.0", hash }),
    GhostError,
    "name one of them",
  );
});

Deno.test("a version is a semantic version, with or without a v, which is one and the same", () => {
  const versions = ["0.0.1", "1.0.0-rc.1", "1.0.0-alpha.beta", "1.0.0-0.3.7", "1.0.0--", "10.20.30-x-y-z.0a"];
  for (const version of [...versions, "9007199254740991.0.0", `1.0.0-${"a".repeat(57)}`]) {
    for (const way of [version, `v${version}`]) assertEquals(checkVersion(way), `v${version}`);
  }
});

Deno.test("what is no semantic version, or cannot become a part of a file's name, is refused with a sentence", () => {
  const wrong = [
    ...[
      "",
      "v",
      "1",
      "1.0",
      "v1",
      "1.0.0.0",
      "01.0.0",
      "1.0.0-",
      "1.0.0-01",
      "1.0.0-a..b",
      "1.0.0-a.",
      "nightly",
    ],
    ...[
      "V1.0.0",
      "1.0.0-RC.1",
      "1.0.0+build",
      "1.0.0-rc_1",
      "vv1.0.0",
      " 1.0.0",
      "1.0.0\n",
      "=1.0.0",
      "../x",
      "1.0.0/x",
    ],
    ...["9007199254740992.0.0", "1.0.0-9007199254740993", `1.0.0-${"a".repeat(58)}`, "é.0.0", "１.0.0"],
    ...[undefined, null, 7, ["1.0.0"], { toString: () => "1.0.0" }],
  ];
  for (const value of wrong) {
    assertEquals(canonicalVersion(value), undefined);
    assertEquals(assertThrows(() => checkVersion(value), GhostError).code, "INVALID_NAME");
  }
  const { message } = assertThrows(() => checkVersion("nightly"), GhostError);
  assertEquals(
    message,
    'Cannot use "nightly" as a version: a version is three numbers, such as v0.0.1, and may have a pre-release in ' +
      "lower case, such as v1.2.0-rc.1; it has at most 64 characters and no build metadata",
  );
});

Deno.test("NAME[@DEVICE] is a node, and perhaps its device", () => {
  assertEquals(parseNodeAddress("node-1"), { name: "node-1" });
  const elsewhere: NodeAddress = { name: "node-1", device: "laptop" };
  assertEquals(parseNodeAddress("node-1@laptop"), elsewhere);
  for (const text of ["node-1", "node-1@laptop"]) {
    assertEquals(writeNodeAddress(parseNodeAddress(text)), text);
  }
  for (
    const text of ["", "@", "node-1@", "@laptop", "node-1@laptop@pi", "node-1@local", "a@everyone", "a@B"]
  ) {
    const error = assertThrows(() => parseNodeAddress(text), GhostError, undefined, text);
    assertEquals(error.code, "INVALID_NAME");
  }
});

Deno.test("a device is called neither local nor everyone", () => {
  assertEquals(checkDeviceName("laptop"), "laptop");
  for (const name of ["local", "everyone"]) {
    assertThrows(() => checkDeviceName(name), GhostError, `Cannot use "${name}" as a device name`);
  }
});
