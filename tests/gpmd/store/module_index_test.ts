import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { ModuleIndex, type PublishedModule } from "../../../gpmd/store/module_index.ts";

const HASH = "0123456789abcdef".repeat(4);

function published(name: string, version: string, index: ModuleIndex = ModuleIndex.EMPTY): PublishedModule {
  const file = index.fileFor(name, version);
  return { name, version, file, hash: HASH, size: 8, uploadedAt: "2026-01-02T03:04:05.000Z" };
}

/** An index with the modules that are named like `math@v0.0.1`. */
function indexOf(...modules: string[]): ModuleIndex {
  return modules.reduce((index, module) => {
    const [name, version] = module.split("@") as [string, string];
    return index.with(published(name, version, index));
  }, ModuleIndex.EMPTY);
}

Deno.test("the index has the form that people read", () => {
  assertEquals(
    indexOf("math@v0.0.1").format(),
    `{
  "format": 2,
  "modules": {
    "math": {
      "name": "math",
      "versions": {
        "v0.0.1": {
          "version": "v0.0.1",
          "file": "math-v0.0.1.wasm",
          "hash": "${HASH}",
          "size": 8,
          "uploadedAt": "2026-01-02T03:04:05.000Z"
        }
      }
    }
  }
}
`,
  );
  assertEquals(JSON.parse(ModuleIndex.EMPTY.format()), { format: 2, modules: {} });
});

Deno.test("an index that does not say its form is of the first one, whatever a module is called", () => {
  const { modules } = JSON.parse(indexOf("format@v0.0.1", "modules@v1.0.0").format());
  const first = ModuleIndex.parse(JSON.stringify(modules), "x");
  assertEquals(first.list().map(({ name }) => name), ["format", "modules"]);
  assertEquals([first.isOutdated, first.upgraded], [true, []]);
  assertEquals(ModuleIndex.parse(first.format(), "x").isOutdated, false);
});

Deno.test("an index of a later form is refused, and said to be one", () => {
  for (const format of [0, 1, 3, 2.5, -1]) {
    const text = JSON.stringify({ format, modules: {} });
    const error = assertThrows(() => ModuleIndex.parse(text, "/x"), GhostError, `it has format ${format}`);
    assertEquals(error.code, "STORE_FAULT");
  }
  for (const index of [{ format: 2 }, { format: 2, modules: [] }, { format: 2, modules: {}, more: 1 }]) {
    assertThrows(() => ModuleIndex.parse(JSON.stringify(index), "/x"), GhostError);
  }
});

Deno.test("an index that was written reads back the same", () => {
  const text = indexOf("math@v0.0.1", "math@v0.1.0", "constructor@v1.0.0", "1@v1.0.0").format();
  assertEquals(ModuleIndex.parse(text, "x").format(), text);
});

Deno.test("a version is found by name, and the latest when it is not named", () => {
  const index = indexOf("math@v0.9.0", "math@v0.10.0", "math@v0.0.1");
  assertEquals(index.find("math", "v0.9.0").file, "math-v0.9.0.wasm");
  assertEquals(index.find("math").version, "v0.10.0");
  assertEquals(index.list(), [
    { name: "math", versions: ["v0.0.1", "v0.9.0", "v0.10.0"], latest: "v0.10.0" },
  ]);
});

Deno.test("what is not there is told with what is", () => {
  const index = indexOf("math@v0.0.1", "math@v0.0.2", "other@v1.0.0");
  const module = assertThrows(() => index.find("maths"), GhostError, 'did you mean "math"?');
  assertEquals([module.code, module.details], ["MODULE_NOT_FOUND", { suggestion: "math" }]);
  assertEquals(assertThrows(() => index.find("printer"), GhostError).details, undefined);
  const version = assertThrows(() => index.find("math", "v3.0.0"), GhostError, "there are v0.0.1, v0.0.2");
  assertEquals([version.code, version.details], ["VERSION_NOT_FOUND", { versions: ["v0.0.1", "v0.0.2"] }]);
  assertThrows(() => index.find("other", "v3.0.0"), GhostError, "there is v1.0.0");
  assertEquals(assertThrows(() => index.find("constructor"), GhostError).code, "MODULE_NOT_FOUND");
  assertEquals(assertThrows(() => index.find("../../x"), GhostError).code, "INVALID_NAME");
  assertEquals(assertThrows(() => index.find("math", "../x"), GhostError).code, "INVALID_NAME");
});

Deno.test("of many versions the message names the highest", () => {
  const index = indexOf(...Array.from({ length: 30 }, (_, i) => `math@v0.0.${i}`));
  const error = assertThrows(
    () => index.find("math", "v1.0.0"),
    GhostError,
    "there are 30 versions, up to v0.0.20, ",
  );
  assertEquals((error.details?.versions as string[]).length, 10);
});

Deno.test("versions whose plain file names are the same have different files", () => {
  const index = indexOf("a-v1.0.0@v2.0.0", "a@v1.0.0-v2.0.0", "a@v1.0.0");
  assertEquals(index.find("a-v1.0.0", "2.0.0").file, "a-v1.0.0-v2.0.0.wasm");
  assertEquals(index.find("a", "v1.0.0-v2.0.0").file, "a~v1.0.0-v2.0.0.wasm");
  assertEquals(ModuleIndex.parse(index.format(), "x").format(), index.format());
  assertEquals(
    index.without([index.find("a-v1.0.0", "v2.0.0")]).find("a", "v1.0.0-v2.0.0").file,
    "a~v1.0.0-v2.0.0.wasm",
  );
});

Deno.test("a change makes a new index and leaves the old one", () => {
  const before = indexOf("math@v0.0.1", "math@v0.0.2");
  const after = before.without(before.select("math", "v0.0.1"));
  assertEquals(before.find("math", "v0.0.1").version, "v0.0.1");
  assertEquals(after.get("math", "v0.0.1"), undefined);
  assertEquals(after.hasFile("math-v0.0.1.wasm"), false);
  assertEquals(after.without(after.select("math")).list(), []);
});

Deno.test("an index that is not of the known form is refused by name", () => {
  const good = indexOf("math@v0.0.1").format();
  const version = {
    version: "v1.0.0",
    file: "m-v1.0.0.wasm",
    hash: HASH,
    size: 8,
    uploadedAt: "2026-01-02T03:04:05Z",
  };
  const withVersion = (changes: object) =>
    JSON.stringify({ m: { name: "m", versions: { "v1.0.0": { ...version, ...changes } } } });
  const cases: [text: string, reason: string][] = [
    ["", "it is not JSON"],
    [good.slice(0, -5), "it is not JSON"],
    ["[]", "it is not an object"],
    ["null", "it is not an object"],
    ['{"m":7}', 'module "m" is not an object'],
    ['{"m":{"name":"m"}}', 'module "m" has no "versions"'],
    ['{"m":{"name":"n","versions":{}}}', 'module "m" has a wrong "name"'],
    ['{"m":{"name":"m","versions":[]}}', '"versions" of module "m" is not an object'],
    ['{"m":{"name":"m","versions":{}}}', 'module "m" has no versions'],
    ['{"../x":{"name":"../x","versions":{}}}', 'it has an entry "../x"'],
    ['{"__proto__":{"name":"__proto__","versions":{}}}', 'it has an entry "__proto__"'],
    [
      '{"$format":2}',
      'it has an entry "$format", which this version of GPMD does not know; upgrade Ghost Network',
    ],
    [
      withVersion({ signed: true }),
      'has a "signed", which this version of GPMD does not know; upgrade Ghost Network',
    ],
    [withVersion({ version: "v2.0.0" }), 'has a wrong "version"'],
    [withVersion({ file: "../../etc/passwd" }), 'has a wrong "file"'],
    [withVersion({ file: "n-v1.0.0.wasm" }), 'has a wrong "file"'],
    [withVersion({ hash: HASH.toUpperCase() }), 'has a wrong "hash"'],
    [withVersion({ size: -1 }), 'has a wrong "size"'],
    [withVersion({ size: 2 ** 40 }), 'has a wrong "size"'],
    [withVersion({ size: "8" }), 'has a wrong "size"'],
    [withVersion({ uploadedAt: "yesterday" }), 'has a wrong "uploadedAt"'],
  ];
  for (const [text, reason] of cases) {
    const error = assertThrows(() => ModuleIndex.parse(text, "/s/ghost.modules.json"), GhostError, reason);
    assertEquals(error.code, "STORE_FAULT");
    assertStringIncludes(error.message, '"/s/ghost.modules.json"');
  }
  ModuleIndex.parse(withVersion({}), "x");
});

Deno.test("two versions that name one file are refused", () => {
  const text = indexOf("a-v1.0.0@v2.0.0", "a@v1.0.0-v2.0.0").format().replace("a~v1", "a-v1");
  assertThrows(
    () => ModuleIndex.parse(text, "x"),
    GhostError,
    'the file "a-v1.0.0-v2.0.0.wasm" is named twice',
  );
});
