import { assertEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import {
  bytes,
  type FieldKind,
  integer,
  list,
  map,
  oneOf,
  optional,
  record,
  text,
  truth,
  upToBytes,
} from "../../../gmp/messages/fields.ts";

/** What `kind` makes of each value; `undefined` where it does not take it. */
function read(kind: FieldKind<never, unknown>, ...values: unknown[]): unknown[] {
  return values.map((value) => kind.read(value));
}

Deno.test("each kind takes its bounds and nothing beyond them", () => {
  assertEquals(read(text(4), "", "abcd", "abcde", 4, null), ["", "abcd", undefined, undefined, undefined]);
  assertEquals(read(integer(1, 9), 1, 9, 0, 10, 1.5, "1", NaN), [1, 9, ...Array(5).fill(undefined)]);
  assertEquals(read(integer(1, 9), 9n, 10n), [9, undefined]); // as 64 bits are decoded
  assertEquals(read(truth, true, false, 0, "true"), [true, false, undefined, undefined]);
  assertEquals(read(oneOf("a", "b"), "a", "c", undefined), ["a", undefined, undefined]);
  assertEquals(read(bytes(2), Uint8Array.of(1, 2), Uint8Array.of(1), [1, 2]), [
    Uint8Array.of(1, 2),
    undefined,
    undefined,
  ]);
  assertEquals(read(upToBytes(2), Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(1, 2, 3), "ab"), [
    Uint8Array.of(1, 2),
    new Uint8Array(0),
    undefined,
    undefined,
  ]);
  assertEquals(read(list(text(), "strings"), [], ["a", "b"], ["a", 1], [undefined], "a"), [
    [],
    ["a", "b"],
    undefined,
    undefined,
    undefined,
  ]);
  assertEquals(read(record(text(), "strings"), {}, { a: "b" }, { a: 1 }, [], ["a"]), [
    {},
    { a: "b" },
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("bytes are copied: those that came belong to a buffer", () => {
  const buffer = Uint8Array.of(1, 2, 3, 4);
  const taken = [bytes(2), upToBytes(9)].map((kind) => kind.read(buffer.subarray(1, 3))!);
  buffer.fill(0);
  for (const one of taken) assertEquals([one, one.buffer.byteLength], [Uint8Array.of(2, 3), 2]);
});

Deno.test("an error names the field and says what it should be", () => {
  const node = map({ name: text(8), place: optional(map({ port: integer(1, 65_535) })) });
  for (
    const [body, problem, field] of [
      [{}, '"name" is missing', "name"],
      [{ name: null }, '"name" is not a string of at most 8 characters', "name"],
      [{ name: "a", place: 1 }, '"place" is not a map', "place"],
      [{ name: "a", place: {} }, '"port" is missing', "port"],
      [{ name: "a", place: { port: 0 } }, '"port" is not an integer from 1 to 65535', "port"],
    ] as const
  ) {
    const error = assertThrows(() => node.decode(body), GhostError, `Cannot read the message: ${problem}`);
    assertEquals([error.code, error.details], ["BAD_REQUEST", { field }]);
  }
});

Deno.test("what is sent is what is described, in that order: maps inside of maps and lists as well", () => {
  const kind = map({ b: text(), a: optional(text()), nodes: list(map({ id: text() }), "maps") });
  const given = { nodes: [{ id: "1", more: 1 }], a: undefined, b: "b", other: 1 };
  const body = kind.encode(given);
  assertEquals(body, { b: "b", nodes: [{ id: "1" }] });
  assertEquals(Object.keys(body), ["b", "nodes"]);
});
