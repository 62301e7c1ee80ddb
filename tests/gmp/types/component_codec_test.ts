import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { prepareComponentCodec } from "../../../gmp/types/component_codec.ts";
import type { TypeNode, TypeReference } from "../../../gmp/types/component_types.ts";
import type { ResourceTable } from "../../../gmp/types/resource_table.ts";
import { hex, type Random, seeded } from "../_wire.ts";
import { randomTypes, randomValue } from "./_random_values.ts";
import { ADA, assertBytes, bytesOf, codecOf, inFrame, PERSON, readBack } from "./_component_bytes.ts";

Deno.test("a record has the bytes that docs/protocol.md shows", () => {
  const codec = prepareComponentCodec("f", { types: PERSON, parameters: [["p", 2]], result: 2 });
  const bytes = codec.writeArguments("f", [ADA], { ahead: 4, whole: 0 });
  bytes.set([3, 0, 0, 0]);
  assertEquals(
    bytes,
    hex(`03 00 00 00   03 00 00 00 41 64 61   24 00 00 00   01 05 00 00 00 61 40 62 2e 63
      02 00 00 00 01 00 00 00 78 02 00 00 00 79 7a   00 00 00 00 00 00 29 40`),
  );
  assertEquals(readBack(PERSON, 2, bytes.subarray(4)), ADA);
});

Deno.test("primitives are little-endian and without padding", () => {
  const values: [TypeReference, unknown, string][] = [
    ["bool", true, "01"],
    ["s8", -2, "fe"],
    ["u8", 254, "fe"],
    ["s16", -2, "feff"],
    ["u16", 0x1234, "3412"],
    ["s32", -2, "feffffff"],
    ["u32", 0xffff_fffe, "feffffff"],
    ["s64", -2n, "feffffffffffffff"],
    ["u64", 2n ** 64n - 2n, "feffffffffffffff"],
    ["f32", 1.5, "0000c03f"],
    ["f64", -0, "0000000000000080"],
    ["char", "😀", "00f60100"],
    ["string", "é", "02000000c3a9"],
    ["string", "\uFEFF", "03000000efbbbf"],
    ["string", "", "00000000"],
  ];
  for (const [type, value, bytes] of values) assertBytes([["tuple", [type]]], [value], bytes);
});

Deno.test("every kind of type has its bytes", () => {
  assertBytes([["list", "u16"]], Uint16Array.of(1, 0x203), "02000000 0100 0302");
  assertBytes([["list", "u16"]], [1, 0x203], "02000000 0100 0302", Uint16Array.of(1, 0x203));
  assertBytes([["list", "u16"]], Uint8Array.of(1, 2), "02000000 0100 0200", Uint16Array.of(1, 2));
  assertBytes([["list", "u8", 2]], Uint8Array.of(1, 2), "0102");
  assertBytes([["list", "bool"]], [true, false], "02000000 01 00");
  assertBytes([["tuple", ["u8", "u16"]]], [1, 2], "01 0200");
  assertBytes([["variant", [["empty", null], ["rect", "u16"]]]], { tag: "rect", val: 2 }, "01 0200");
  assertBytes([["variant", [["empty", null], ["rect", "u16"]]]], { tag: "empty" }, "00");
  assertBytes([["enum", ["red", "light-green"]]], "light-green", "01");
  assertBytes([["option", "u16"]], 2, "01 0200");
  assertBytes([["option", "u16"]], undefined, "00");
  assertEquals(bytesOf([["option", "u16"]], 0, null), hex("00"));
  assertBytes([["option", "u16"], ["option", 0]], { tag: "some", val: undefined }, "01 00");
  assertBytes([["option", "u16"], ["option", 0]], { tag: "none" }, "00");
  assertBytes([["result", "u16", "string"]], { tag: "ok", val: 2 }, "00 0200");
  assertBytes([["result", null, "string"]], { tag: "err", val: "x" }, "01 01000000 78");
  assertBytes([["flags", ["read", "may-write"]]], { read: false, mayWrite: true }, "02");
  assertBytes([["flags", ["read", "may-write"]]], {}, "00", { read: false, mayWrite: false });
  const nine = Array.from({ length: 9 }, (_, i) => `f${i}`);
  const set = Object.fromEntries(nine.map((name) => [name, name === "f8"]));
  assertBytes([["flags", nine]], set, "0001");
  assertBytes(
    [["map", "string", "u8"]],
    new Map([["a", 1], ["b", 2]]),
    "02000000 01000000 61 01 01000000 62 02",
  );
});

Deno.test("enums and variants have 1, 2 or 4 bytes for the case", () => {
  const cases = (length: number) => Array.from({ length }, (_, i) => `c${i}`);
  assertBytes([["enum", cases(256)]], "c255", "ff");
  assertBytes([["enum", cases(257)]], "c256", "0001");
  assertBytes([["enum", cases(65_537)]], "c65536", "00000100");
});

Deno.test("32 flags have their bytes", () => {
  const labels = Array.from({ length: 32 }, (_, i) => `f${i}`);
  const all = Object.fromEntries(labels.map((label) => [label, true]));
  assertBytes([["flags", labels]], all, "ffffffff");
});

Deno.test("bytes are not copied where nobody else uses them, and are where somebody does", () => {
  const bytes = bytesOf([["list", "u8"]], 0, Uint8Array.of(1, 2));
  const owned = inFrame(bytes, true);
  const [view] = codecOf([["list", "u8"]], 0).readArguments(owned).values as [Uint8Array];
  assertStrictEquals(view.buffer, owned.bytes.buffer);
  assertEquals(view, Uint8Array.of(1, 2));
  const shared = inFrame(bytes);
  const [copy] = codecOf([["list", "u8"]], 0).readArguments(shared).values as [Uint8Array];
  shared.bytes.fill(9);
  assertEquals(copy, Uint8Array.of(1, 2));
});

/** Resources by handle, which counts what is given and returned. */
class Counters implements ResourceTable {
  readonly objects = new Map<number, object>([[1, { n: 1 }], [2, { n: 2 }]]);
  readonly log: string[] = [];

  knows(value: object, resource: string): boolean {
    return resource === "counter" && [...this.objects.values()].includes(value);
  }

  handleOf(value: object, resource: string, isGiven: boolean): number {
    const [handle] = [...this.objects].find(([, one]) => one === value)!;
    this.log.push(`${isGiven ? "give" : "lend"} ${resource} ${handle}`);
    return handle;
  }

  valueOf(handle: number, resource: string, isGiven: boolean): object {
    const found = this.objects.get(handle);
    if (found === undefined) throw new GhostError("RESOURCE_GONE");
    this.log.push(`${isGiven ? "take" : "borrow"} ${resource} ${handle}`);
    return found;
  }

  keep(_value: object, handle: number): void {
    this.log.push(`keep ${handle}`);
  }

  putBack(_value: object, handle: number, resource: string): void {
    this.log.push(`put back ${resource} ${handle}`);
  }
}

Deno.test("resources are handles, and those that were given come back when the rest does not fit", () => {
  const types: TypeNode[] = [["own", "counter"], ["borrow", "counter"], ["tuple", [0, 1, "u8"]]];
  const codec = codecOf(types, 2);
  const resources = new Counters();
  const [one, two] = [resources.objects.get(1)!, resources.objects.get(2)!];
  const options = { ahead: 0, whole: 0, resources };
  const bytes = codec.writeArguments("f", [[one, two, 3]], options);
  assertEquals(bytes, hex("01000000 02000000 03"));
  assertEquals(codec.readArguments(inFrame(bytes), resources).values, [[one, two, 3]]);
  assertEquals(resources.log.splice(0), [
    "give counter 1",
    "lend counter 2",
    "take counter 1",
    "borrow counter 2",
  ]);
  assertThrows(() => codec.writeArguments("f", [[one, two, -3]], options), GhostError, "not a u8");
  assertEquals(resources.log.splice(0), ["give counter 1", "lend counter 2", "keep 1"]);
  assertThrows(() => codec.readArguments(inFrame(hex("01000000 07000000 03")), resources), GhostError);
  assertEquals(resources.log.splice(0), ["take counter 1", "put back counter 1"]);
});

Deno.test("a getter that writes other values while values are written disturbs nothing", () => {
  const inner = codecOf(PERSON, 2);
  const value = {
    ...ADA,
    get age() {
      inner.writeArguments("f", [ADA], { ahead: 9, whole: 0 });
      return 36;
    },
  };
  assertEquals(bytesOf(PERSON, 2, value), bytesOf(PERSON, 2, ADA));
});

seeded("random values are read back as they were, and mutated bytes do nothing but fail", (random) => {
  for (let round = 0; round < 300; round++) {
    const types = randomTypes(random, 1 + random.below(12));
    const type = types.length - 1;
    const value = randomValue(random, types, type);
    const where = `round ${round}: ${JSON.stringify(types)}`;
    const bytes = bytesOf(types, type, value);
    assertEquals(readBack(types, type, bytes), value, where);
    assertEquals(bytesOf(types, type, readBack(types, type, bytes, true)), bytes, where);
    for (let change = 0; change < 20; change++) tryMutated(random, types, type, bytes, where);
  }
});

function tryMutated(random: Random, types: TypeNode[], type: number, bytes: Uint8Array, where: string): void {
  const mutated = bytes.slice(0, random.below(4) === 0 ? random.below(bytes.length + 1) : bytes.length);
  for (let flips = 1 + random.below(3); flips > 0 && mutated.length > 0; flips--) {
    mutated[random.below(mutated.length)] = random.of([0, 1, 2, 0x7f, 0x80, 0xff, random.below(256)]);
  }
  let value: unknown;
  try {
    value = readBack(types, type, mutated);
  } catch (error) {
    const isNamed = error instanceof GhostError && ["BAD_REQUEST", "PAYLOAD_TOO_LARGE"].includes(error.code);
    return assert(isNamed, `${where}: ${error}`);
  }
  // What can be read has one form only.
  assertEquals(bytesOf(types, type, value).length, mutated.length, where);
}
