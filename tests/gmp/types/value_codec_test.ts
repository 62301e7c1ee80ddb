import { assertEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { codecOf } from "../../../gmp/types/value_codec.ts";
import {
  describeType,
  type ValueDescription,
  type VariableDescription,
} from "../../../gmp/types/value_types.ts";

/** Text as a component's will be on the wire: its length (u32) and as many bytes of UTF-8. */
const text: VariableDescription<string, string> = {
  name: "text",
  size: undefined,
  accepts: (value) => typeof value === "string",
  expected: () => "a text",
  isDirect: () => false,
  convert: String,
  print: String,
  sizeOf: (value) => 4 + new TextEncoder().encode(value).length,
  write: (view, offset, value) => {
    const bytes = new TextEncoder().encode(value);
    view.setUint32(offset, bytes.length, true);
    new Uint8Array(view.buffer, view.byteOffset + offset + 4).set(bytes);
  },
  read: (cursor) => {
    const length = cursor.view.getUint32(cursor.take(4), true);
    const { buffer, byteOffset } = cursor.view;
    return new TextDecoder().decode(new Uint8Array(buffer, byteOffset + cursor.take(length), length));
  },
};

const codec = codecOf<unknown>([describeType("i32"), text as ValueDescription, describeType("f64")]);

Deno.test("a described type may have values of any size, between others of one size", () => {
  for (const values of [[1, "", -0], [-1, "für Ada", NaN], [7, "x".repeat(1000), 2.5]]) {
    const length = codec.byteLength(values);
    assertEquals(length, 16 + new TextEncoder().encode(String(values[1])).length);
    const bytes = new Uint8Array(length + 8).fill(0xee);
    const view = new DataView(bytes.buffer);
    codec.write(view, 4, values);
    assertEquals([...bytes.subarray(0, 4), ...bytes.subarray(-4)], new Array(8).fill(0xee));
    assertEquals(codec.read(view, 4, length), values);
  }
});

Deno.test("a value that is cut off or says that it is longer is refused, and so are bytes behind the last", () => {
  const values = [1, "Ada", 2];
  const length = codec.byteLength(values);
  // There is more behind the values, which no value may reach.
  const view = new DataView(new ArrayBuffer(1000));
  codec.write(view, 0, values);
  const refused = (length: number, message: string): void => {
    const error = assertThrows(() => codec.read(view, 0, length), GhostError);
    assertEquals([error.code, error.message], ["BAD_REQUEST", `Cannot read the values: ${message}`]);
  };
  for (let short = 0; short < length; short++) assertThrows(() => codec.read(view, 0, short), GhostError);
  refused(length - 1, "8 bytes are next, and 7 are left");
  refused(length + 3, "i32, text, f64 is 19 bytes, not 22");
  view.setUint32(4, 0xffff_ffff, true);
  refused(length, "4294967295 bytes are next, and 11 are left");
});
