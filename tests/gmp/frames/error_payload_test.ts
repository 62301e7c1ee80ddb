import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { encodeBody } from "../../../gmp/frames/body.ts";
import { errorPayload, readError } from "../../../gmp/frames/error_payload.ts";
import { GhostError } from "../../../gmp/errors.ts";
import { Kind, SESSION_CAPS } from "../../../gmp/frames/frame.ts";
import { hex } from "../_wire.ts";

Deno.test("an error crosses the wire with code, sentence, retryable and details", () => {
  const error = new GhostError("TICKET_EXPIRED", "Cannot connect: é", { details: { at: 3, names: ["a"] } });
  const read = readError(errorPayload(error));
  assertInstanceOf(read, GhostError);
  assertEquals([read.code, read.message, read.retryable, read.details], [
    "TICKET_EXPIRED",
    "Cannot connect: é",
    true,
    { at: 3, names: ["a"] },
  ]);
  const plain = readError(
    errorPayload(new GhostError("TRAP", undefined, { cause: new Error("secret path") })),
  );
  assertEquals([plain.retryable, plain.details, plain.cause], [false, undefined, undefined]);
});

Deno.test("details that cannot be sent are left out, and an ERROR never exceeds its cap", () => {
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  for (const details of [{ run() {} }, { missing: undefined }, cyclic, { much: "x".repeat(1 << 15) }]) {
    assertEquals(readError(errorPayload(new GhostError("TRAP", "Cannot", { details }))).details, undefined);
  }
  const payload = errorPayload(
    new GhostError("TRAP", "€".repeat(100_000), { details: { a: "b".repeat(10_000) } }),
  );
  assert(payload.length <= SESSION_CAPS[Kind.ERROR]!);
  assertEquals(readError(payload).message, "€".repeat(4096));
});

Deno.test("an ERROR that cannot be trusted becomes BAD_REQUEST, and no fault of ours", () => {
  for (const payload of [hex(""), hex("c0"), hex("80"), encodeBody({ code: "TRAP", message: 7 })]) {
    const error = readError(payload);
    assertEquals([error.code, error.message], [
      "BAD_REQUEST",
      "The other side sent an error that cannot be read",
    ]);
  }
  for (const code of ["NO_SUCH", "toString", 7, null]) {
    const error = readError(encodeBody({ code, message: "Cannot", retryable: 1, details: "text" }));
    assertEquals([error.code, error.message, error.retryable, error.details], [
      "BAD_REQUEST",
      "Cannot",
      false,
      undefined,
    ]);
  }
});
