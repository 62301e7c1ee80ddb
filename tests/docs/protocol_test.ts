// docs/protocol.md says what the code does. That it is complete is shown by tests/clients/.
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { decodeBody, encodeBody } from "../../gmp/frames/body.ts";
import { ERROR_SENTENCES, type ErrorCode, GhostError } from "../../gmp/errors.ts";
import {
  Flag,
  HANDSHAKE_CAP,
  HANDSHAKE_CAPS,
  HEADER_BYTES,
  Kind,
  LARGE_REPLY_CAPS,
  PREFACE,
  SESSION_CAPS,
  writeHeader,
} from "../../gmp/frames/frame.ts";
import { HANDSHAKE_TIME } from "../../gmp/handshake/handshake.ts";
import { KEY_BYTES } from "../../gmp/handshake/keys.ts";
import { integer, map, type Message, optional, text } from "../../gmp/messages/fields.ts";
import { MESSAGES, NOTICES } from "../../gmp/messages/messages.ts";
import { type OperationName, OPERATIONS } from "../../gmp/messages/operations.ts";
import { FILE_ENTRIES } from "../../gmp/messages/executor.ts";
import type { NumberType } from "../../gmp/types/value_types.ts";
import { TICKET_TIME } from "../../gmp/handshake/tickets.ts";
import { checkComponentSignature } from "../../gmp/types/check_types.ts";
import { prepareComponentCodec } from "../../gmp/types/component_codec.ts";
import { PRIMITIVES } from "../../gmp/types/component_types.ts";
import { prepareCodec } from "../../gmp/types/values.ts";
import { type Shape, shapeOfFields, shapeOfText } from "./_shapes.ts";
import { readPage, rowsOf } from "./_tables.ts";

const page = await readPage("protocol.md");
/** The page as one line, so that a sentence is found wherever it was wrapped. */
const prose = page.replace(/\s+/g, " ");

Deno.test("protocol.md has every kind with its number and its caps", () => {
  const cap = (text: string) => text === "-" ? -1 : Number(text);
  const rows = rowsOf(page, "kind", "number", "handshake");
  assertEquals(rows.map(({ kind, number }) => [kind, Number(number)]), Object.entries(Kind));
  for (const { kind, handshake, session, "from GPMD": fromGpmd } of rows) {
    const number = Kind[kind as keyof typeof Kind];
    const caps = [HANDSHAKE_CAPS, SESSION_CAPS, LARGE_REPLY_CAPS].map((all) => all[number]);
    assertEquals([handshake!, session!, fromGpmd!].map(cap), caps, kind);
  }
});

Deno.test("protocol.md has every flag", () => {
  const rows = rowsOf(page, "flag", "bit");
  assertEquals(rows.map(({ flag, bit }) => [flag, Number(bit)]), Object.entries(Flag));
});

Deno.test("protocol.md has every operation with its number", () => {
  // module.list is answered on both ports of GPMD and listed once.
  const rows = rowsOf(page, "number", "operation", "request", "reply");
  assertEquals(rows.map(({ number, operation }) => [operation, Number(number)]), Object.entries(OPERATIONS));
});

/** The shape of a cell about `operation`, which may say that it is written below the table. */
function shapeOfCell(operation: string, cell: string): Shape {
  if (cell !== "below") return shapeOfText(cell);
  const below = new RegExp(`- \\*\\*${operation.replace(".", "\\.")}\\*\\*:\\s+\`([^\`]+)\``).exec(page);
  assert(below !== null, `protocol.md has no fields of ${operation} below its table`);
  return shapeOfText(below[1]!);
}

Deno.test("protocol.md has the fields of every request and reply, and whether DATA may follow a request", () => {
  for (const row of rowsOf(page, "number", "operation", "request", "reply")) {
    const name = row.operation as OperationName;
    const { request, reply, takesData } = MESSAGES[name];
    assertEquals(shapeOfCell(name, row.request!), shapeOfFields(request.fields), `${name}, request`);
    assertEquals(shapeOfCell(name, row.reply!), shapeOfFields(reply.fields), `${name}, reply`);
    assertEquals(/\bDATA\b/.test(row.request!), takesData, name);
  }
});

Deno.test("protocol.md has every notice with its fields", () => {
  const rows = rowsOf(page, "notice", "from", "to", "fields");
  const described = Object.entries<Message>(NOTICES).map((
    [name, { fields }],
  ) => [name, shapeOfFields(fields)]);
  const written = rows.map(({ notice, fields }) => [notice, shapeOfText(fields!)]);
  assertEquals(Object.fromEntries(written), Object.fromEntries(described));
  assertEquals(written.length, described.length);
});

Deno.test("protocol.md has every entry of a tree of files with its fields", () => {
  const written = rowsOf(page, "entry", "its map").map((row) => [row.entry, shapeOfText(row["its map"]!)]);
  const described = Object.entries(FILE_ENTRIES).map(([type, { fields }]) => [type, shapeOfFields(fields)]);
  assertEquals(written, described);
});

Deno.test("a field planted in the page or in a description is noticed, and so is one that may be left out", () => {
  const cell = "`name`, `version?`, `place: { port, at: { host } }`, `nodes`: list of `{ id }`";
  const fields = (extra = {}) => ({
    name: text(),
    version: optional(text()),
    place: map({ port: integer(1, 9), at: map({ host: text() }) }),
    nodes: map({ id: text() }),
    ...extra,
  });
  assertEquals(shapeOfText(cell), shapeOfFields(fields()));
  for (const planted of ["`x`, ", "`x?`, ", "`x: { y }`, "]) {
    assertNotEquals(shapeOfText(planted + cell), shapeOfFields(fields()));
  }
  assertNotEquals(shapeOfText(cell), shapeOfFields(fields({ planted: text() })));
  assertNotEquals(shapeOfText(cell), shapeOfFields(fields({ name: optional(text()) })));
  assertNotEquals(shapeOfText(cell.replace("host", "host?")), shapeOfFields(fields()));
  assertEquals([shapeOfText("empty"), shapeOfText("DATA, then `size`")], [{}, { size: {} }]);
});

Deno.test("protocol.md has every error with its sentence, and whether to try again", () => {
  const rows = rowsOf(page, "code", "sentence", "retryable");
  assertEquals(rows.map(({ code, sentence }) => [code, sentence]), Object.entries(ERROR_SENTENCES));
  for (const { code, retryable } of rows) {
    assertEquals(retryable === "yes", new GhostError(code as ErrorCode).retryable, code);
  }
});

Deno.test("protocol.md names no error that does not exist", () => {
  // What is in capitals and has an underscore is the code of an error, or a variable.
  const named = new Set(page.match(/`[A-Z]+_[A-Z_]+`/g)?.map((code) => code.slice(1, -1)));
  for (const code of named) assert(code.startsWith("GHOST_") || Object.hasOwn(ERROR_SENTENCES, code), code);
});

/** The handle 3 and the argument that the page shows, by the types that it shows. */
function exampleOfComponent(): string {
  const [, types, parameters] = /types: +(\[[^`]+\])\nparameters: (.+)\nresult: +2\n/.exec(page) ?? [];
  const signature = { types: JSON.parse(types!), parameters: JSON.parse(parameters!), result: 2 };
  const codec = prepareComponentCodec("f", checkComponentSignature(signature));
  const ada = { name: "Ada", age: 36, email: "a@b.c", tags: ["x", "yz"], balance: 12.5 };
  const bytes = codec.writeArguments("f", [ada], { ahead: 4, whole: 0 });
  bytes.set([3, 0, 0, 0]);
  return bytes.toHex();
}

Deno.test("protocol.md has the bytes of every type, by the names that they have in a table", () => {
  const rows = rowsOf(page, "node", "bytes of a value");
  const named = new Set(
    rows.flatMap(({ node }) => Array.from(node!.matchAll(/"([\w-]+)"/g), ([, name]) => name!)),
  );
  const nodes = ["list", "record", "tuple", "variant", "enum", "option", "result", "flags", "map"];
  assertEquals(named, new Set([...PRIMITIVES, ...nodes, "own", "borrow", "stream", "future"]));
});

Deno.test("protocol.md shows a call and its answer as they are on the wire", () => {
  const hex = (kind: Kind, types: NumberType[], values: number[], handle: boolean): string => {
    const codec = prepareCodec(types);
    const start = HEADER_BYTES + (handle ? 4 : 0);
    const view = new DataView(new ArrayBuffer(start + codec.byteLength(values)));
    writeHeader(view, 0, view.byteLength - HEADER_BYTES, kind, 0, 0, 2);
    codec.write(view, start, values);
    return new Uint8Array(view.buffer).toHex();
  };
  const shown = page.match(/^(?:[0-9A-F]{2} +)+[0-9A-F]{2}$/gm)?.map((line) => line.replaceAll(" ", ""));
  const lines = shown?.map((line) => line.toLowerCase()) ?? [];
  assertEquals(lines.slice(0, 2), [
    hex(Kind.CALL, ["i32", "i32"], [34, 34], true),
    hex(Kind.RESULT, ["i32"], [68], false),
  ]);
  assertEquals(lines.slice(2).join(""), exampleOfComponent());
  const preface = new Uint8Array(PREFACE).toHex().toUpperCase().replace(/(..)(?!$)/g, "$1 ");
  assert(page.includes(`\`${preface}\``), preface);
});

Deno.test("protocol.md has the bounds of a map", () => {
  const nested = (depth: number): Record<string, unknown> => depth === 1 ? {} : { a: nested(depth - 1) };
  assert(prose.includes("At most 8 maps and arrays inside each other"));
  decodeBody(encodeBody(nested(8)));
  assertThrows(() => decodeBody(encodeBody(nested(9))), GhostError, "deeper");

  const values = (count: number) => ({ list: Array(count - 2).fill(0) }); // and the list and the map
  assert(prose.includes("at most 200000 values, keys not counted"));
  decodeBody(encodeBody(values(200_000)));
  assertThrows(() => decodeBody(encodeBody(values(200_001))), GhostError, "values");
});

Deno.test("protocol.md has the figures of the handshake", () => {
  assert(prose.includes(`Until WELCOME a payload has at most ${HANDSHAKE_CAP} bytes`));
  assert(prose.includes(`the whole handshake has ${HANDSHAKE_TIME / 1000} seconds`));
  const ticket = `A ticket is ${KEY_BYTES} random bytes, good for one handshake within ${
    TICKET_TIME / 1000
  } seconds`;
  assert(prose.includes(ticket));
});
