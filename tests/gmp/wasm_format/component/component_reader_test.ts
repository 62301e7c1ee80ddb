import { assert, assertEquals, assertThrows } from "@std/assert";
import { walk } from "@std/fs/walk";
import { component, EMPTY_MODULE, leb, section } from "./_bytes.ts";
import { GhostError } from "../../../../gmp/errors.ts";
import { type Definition, readComponent } from "../../../../gmp/wasm_format/component/component_reader.ts";
import { isComponent } from "../../../../gmp/wasm_format/header.ts";

function refusalOf(bytes: Uint8Array): string | undefined {
  try {
    readComponent(bytes);
    return undefined;
  } catch (error) {
    assert(error instanceof GhostError && error.code === "NOT_A_MODULE", String(error));
    return error.message;
  }
}

function assertRefused(bytes: Uint8Array, message: string): void {
  assertThrows(() => readComponent(bytes), GhostError, message);
}

/** The same without the offsets, which say only where something is. */
function withoutPlaces(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, part) => key === "at" ? undefined : part));
}

/** Every kind of section. */
const WHOLE = component(
  section(0, "note", 1, 2, 3),
  section(1, EMPTY_MODULE),
  section(2, 2, [0x00, 0, 1, "env", 0x12, 0], [0x01, 1, "mem", 0x02, 0]),
  section(3, 2, [0x60, 1, 0x7f, 0], [0x50, 1, 0x00, "env", "mem", 0x02, 0, 1]),
  section(4, [...component(section(0, "inner"))]),
  section(5, 2, [0x00, 0, 1, "a", 0x05, 0], [0x01, 1, 0x00, "f", 0x01, 0]),
  section(
    6,
    3,
    [0x01, 0x00, 0, "f"],
    [0x00, 0x02, 0x01, 1, "mem"],
    [0x03, 0x02, 1, 4],
  ),
  section(
    7,
    7,
    [0x72, 2, "name", 0x73, "age", 0x79],
    [0x71, 2, "some", 1, 0, 0, "none", 0, 0],
    [0x67, 0x7d, 4],
    [0x3f, 0x7f, 1, 3],
    [0x69, 3],
    [0x43, 1, "p", 0, 0, 0x7f],
    [0x42, 2, [0x01, 0x40, 0, 1, 0], [0x04, 0x00, "g", 0x01, 0]],
  ),
  section(
    8,
    4,
    [0x00, 0x00, 2, 3, 0x02, 0x03, 0, 0x07, 5, 1],
    [0x01, 0x00, 1, 0],
    [0x02, 3],
    [0x20, 1, 0],
  ),
  section(9, 1, 2, 3, 4, 5),
  section(10, 2, [0x00, "f", 0x01, 5], [0x02, "i", 1, 0x02, "id", 0x03, 0x01]),
  section(11, 2, [0x01, "g", 0x01, 0, 0], [0x00, "t", 0x03, 0, 1, 0x03, 0x00, 0]),
  section(12, 1, 0x79, 1, 7),
);

Deno.test("every kind of definition is read, in the file's order", () => {
  const { definitions, customSections, range } = readComponent(WHOLE);
  assertEquals(customSections, ["note"]);
  assertEquals(range, { start: 0, end: WHOLE.length });
  const [module, ...others] = definitions.map(withoutPlaces) as Definition[];
  assert(module?.kind === "core module");
  assertEquals([...WHOLE.subarray(module.range.start, module.range.end)], EMPTY_MODULE);
  const inner = others.splice(4, 1)[0];
  assert(inner?.kind === "component");
  assertEquals(inner.component.customSections, ["inner"]);
  const options = { stringEncoding: "utf8", async: false } as const;
  assertEquals<unknown>(others, [
    { kind: "core instance", from: "module", module: 0, arguments: [{ name: "env", instance: 0 }] },
    { kind: "core instance", from: "exports", exports: [{ name: "mem", sort: "core memory", index: 0 }] },
    { kind: "core type", type: { kind: "func", type: { parameters: ["i32"], results: [] } } },
    {
      kind: "core type",
      type: {
        kind: "module",
        declarations: [{
          kind: "import",
          module: "env",
          name: "mem",
          type: { kind: "memory", type: { minimum: 1, shared: false, is64: false } },
        }],
      },
    },
    {
      kind: "instance",
      from: "component",
      component: 0,
      arguments: [{ name: "a", sort: "instance", index: 0 }],
    },
    { kind: "instance", from: "exports", exports: [{ name: "f", sort: "func", index: 0 }] },
    { kind: "alias", sort: "func", from: "export", instance: 0, name: "f" },
    { kind: "alias", sort: "core memory", from: "core export", instance: 1, name: "mem" },
    { kind: "alias", sort: "type", from: "outer", count: 1, index: 4 },
    { kind: "type", type: { kind: "value", type: ["record", [["name", "string"], ["age", "u32"]]] } },
    { kind: "type", type: { kind: "value", type: ["variant", [["some", 0], ["none", null]]] } },
    { kind: "type", type: { kind: "value", type: ["list", "u8", 4] } },
    { kind: "type", type: { kind: "resource", representation: "i32", destructor: 3 } },
    { kind: "type", type: { kind: "value", type: ["own", 3] } },
    { kind: "type", type: { kind: "func", type: { parameters: [["p", 0]], result: "bool", async: true } } },
    {
      kind: "type",
      type: {
        kind: "instance",
        declarations: [
          { kind: "type", type: { kind: "func", type: { parameters: [], result: null, async: false } } },
          { kind: "export", name: "g", type: { sort: "func", type: 0 } },
        ],
      },
    },
    {
      kind: "lift",
      function: 2,
      options: { stringEncoding: "latin1+utf16", async: false, memory: 0, callback: 5 },
      type: 1,
    },
    { kind: "lower", function: 1, options },
    { kind: "built-in", name: "resource.new", type: 3 },
    { kind: "built-in", name: "waitable-set.wait", cancellable: true, memory: 0 },
    { kind: "start", function: 1, arguments: [3, 4], results: 5 },
    { kind: "import", name: "f", type: { sort: "func", type: 5 } },
    { kind: "import", name: "i", externalId: "id", type: { sort: "type", bound: "resource" } },
    { kind: "export", name: "g", sort: "func", index: 0 },
    { kind: "export", name: "t", sort: "type", index: 0, type: { sort: "type", bound: { equals: 0 } } },
    { kind: "value", type: "u32", range: { start: WHOLE.length - 1, end: WHOLE.length } },
  ]);
});

Deno.test("a definition knows the byte at which it starts", () => {
  const [first, second] = readComponent(component(section(7, 2, 0x73, [0x70, 0]))).definitions;
  assertEquals([first?.at, second?.at], [11, 12]);
});

Deno.test("each canonical built-in has its name", () => {
  const bodies: [code: number, ...rest: number[]][] = [
    [0x02, 0],
    [0x03, 0],
    [0x04, 0],
    [0x05],
    [0x06, 1],
    [0x09, 1, 0, 0],
    [0x0a, 0x7f, 0],
    [0x0b, 0x7f, 1],
    [0x0c, 1],
    [0x0d],
    ...[0x0e, 0x13, 0x14, 0x15, 0x1a, 0x1b].map((code): [number, number] => [code, 2]),
    ...[0x0f, 0x10, 0x11, 0x12, 0x16, 0x17, 0x18, 0x19].map((code): [number, number, number] => [code, 2, 0]),
    [0x1c, 0],
    [0x1d, 1, 6],
    ...[0x1e, 0x1f, 0x22, 0x23, 0x24, 0x25, 0x26, 0x28].map((code): [number] => [code]),
    [0x20, 0, 0],
    [0x21, 0, 0],
    [0x27, 0, 0],
    ...[0x29, 0x2a, 0x2b, 0x2c, 0x2d].map((code): [number, number] => [code, 0]),
    [0x40, 0, 0],
    [0x41, 0, 0, 0],
    [0x42, 1],
  ];
  const { definitions } = readComponent(component(section(8, bodies.length, bodies)));
  const names = new Set(definitions.map((one) => one.kind === "built-in" ? one.name : one.kind));
  assertEquals(names.size, bodies.length);
  assertEquals([...names].slice(0, 3), ["resource.new", "resource.drop", "resource.rep"]);
});

Deno.test("what is wrong is said, and where", () => {
  const prefix = "Cannot read the module: ";
  assertRefused(
    Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0),
    `${prefix}the version is 1 of layer 0, not 13 of layer 1`,
  );
  assertRefused(component([13, 0]), `${prefix}in the component there is no section of id 13, at byte 8`);
  assertRefused(component([7, 9, 0]), "the type section announces 9 bytes and 1 are left, at byte 8");
  assertRefused(component(section(7, 1, 0x30)), "in the type section 0x30 is no type, at byte 11");
  assertRefused(component(section(7, 0, 0)), "in the type section 1 bytes are left over, at byte 11");
  assertRefused(
    component(section(8, 1, 0x3e)),
    "in the canon section 0x3e is no canonical definition, at byte 11",
  );
  assertRefused(
    component(section(8, 1, 0x1c, 2, 0, 1)),
    "the canonical option stringEncoding comes twice, at byte 14",
  );
  assertRefused(component(section(1, 1, 2)), "it starts with 01 02, not with 00 61 73 6d, at byte 10");
  assertRefused(component(section(1, [...component()])), "it is a component, not a core module, at byte 16");
  assertRefused(component(section(10, 1, 0x03, "f")), "0x03 is no form of a name, at byte 11");
});

Deno.test("types, components and modules nest up to a limit", () => {
  const nested = (depth: number): number[] => {
    let bytes = [...component()];
    for (let i = 0; i < depth; i++) bytes = [...component([4, ...leb(bytes.length), ...bytes])];
    return bytes;
  };
  readComponent(Uint8Array.from(nested(64)));
  assertRefused(Uint8Array.from(nested(65)), "components and types are nested over 64 deep");
  const types = [...Array(100_000).fill([0x41, 1, 0x01]).flat(), 0x73];
  assertRefused(
    component([7, ...leb(types.length + 1), 1, ...types]),
    "components and types are nested over 64 deep",
  );
});

Deno.test("many small definitions, and counts that lie, cost no more than the limit", () => {
  const types = [...leb(100_001), ...Array(100_001).fill(0x73)];
  assertRefused(component([7, ...leb(types.length), ...types]), "100000");
  const half = [...leb(60_000), ...Array(60_000).fill(0x73)];
  const twice = Array(2).fill([7, ...leb(half.length), ...half]).flat();
  assertRefused(component(twice), "100000");
  assertRefused(
    component(section(7, 0xff, 0xff, 0xff, 0xff, 0x0f)),
    "there are 4294967295 types, above the limit",
  );
  const note = new Uint8Array((1 << 24) + 6).fill(0x78);
  note.set(leb((1 << 24) + 1));
  const head = component([0, ...leb(note.length)]);
  const file = new Uint8Array(head.length + note.length);
  file.set(head);
  file.set(note, head.length);
  assertRefused(file, "the names have over 16777216 bytes together");
});

Deno.test("a component that is cut off or changed in any byte is refused or read, and nothing else", () => {
  for (let length = 0; length < WHOLE.length; length++) refusalOf(WHOLE.subarray(0, length));
  for (let at = 0; at < WHOLE.length; at++) {
    for (const value of [0, 1, 2, 0x7f, 0x80, 0xff, WHOLE[at]! ^ 1]) {
      const changed = WHOLE.slice();
      changed[at] = value;
      refusalOf(changed);
    }
  }
  assertEquals(refusalOf(WHOLE), undefined);
});

const corpus = Deno.env.get("COMPONENT_FILES");

Deno.test({
  name: "real components are read (COMPONENT_FILES names a directory of them)",
  ignore: corpus === undefined,
  async fn() {
    let read = 0;
    for await (const { path } of walk(corpus!, { exts: [".wasm"], includeDirs: false })) {
      const bytes = await Deno.readFile(path);
      if (!isComponent(bytes)) continue;
      assertEquals(refusalOf(bytes), undefined, path);
      read += 1;
    }
    assert(read > 0);
  },
});
