import { assertEquals, assertInstanceOf, assertMatch, assertStrictEquals } from "@std/assert";
import { ERROR_SENTENCES, type ErrorCode, GhostError, isErrorCode } from "../../gmp/errors.ts";

const CODES = Object.keys(ERROR_SENTENCES) as ErrorCode[];

Deno.test("codes are upper case, sentences have no final period", () => {
  for (const code of CODES) {
    assertMatch(code, /^[A-Z][A-Z_]+[A-Z]$/);
    assertMatch(ERROR_SENTENCES[code], /^[A-Z].*[^.]$/);
  }
});

Deno.test("the codes of protocol.md are all there", () => {
  for (
    const code of [
      ...["GPMD_NOT_RUNNING", "GPMD_ALREADY_RUNNING", "PORT_IN_USE", "UNAUTHENTICATED", "BAD_REQUEST"],
      ...["UNKNOWN_OPERATION", "PAYLOAD_TOO_LARGE", "TOO_MANY_CONNECTIONS", "NAME_TAKEN", "INVALID_NAME"],
      ...["TOO_MANY_REQUESTS", "RESOURCE_EXHAUSTED"],
      ...["NODE_NOT_FOUND", "NOT_CONNECTED", "CONNECTION_DENIED", "TICKET_EXPIRED", "CONNECTION_LOST"],
      ...["MODULE_NOT_FOUND", "VERSION_NOT_FOUND", "VERSION_EXISTS", "NOT_A_MODULE", "HASH_MISMATCH"],
      ...[
        "FUNCTION_NOT_FOUND",
        "BAD_ARGUMENTS",
        "UNSUPPORTED_SIGNATURE",
        "TRAP",
        "TIME_LIMIT",
        "MEMORY_LIMIT",
      ],
      ...["OUTPUT_LIMIT", "EXECUTOR_RESTARTED", "CANCELLED", "INTERNAL"],
    ]
  ) {
    assertEquals(isErrorCode(code), true, code);
  }
});

Deno.test("what is no code of the set is not one", () => {
  for (const code of ["", "toString", "__proto__", "constructor", "internal", 7, null, undefined, ["TRAP"]]) {
    assertEquals(isErrorCode(code), false, String(code));
  }
});

Deno.test("an error without a message has the sentence of its code", () => {
  const error = new GhostError("TRAP");
  assertInstanceOf(error, Error);
  assertEquals([error.name, error.code, error.message], ["GhostError: TRAP", "TRAP", "The module trapped"]);
  assertEquals([error.retryable, error.details, "cause" in error], [false, undefined, false]);
});

Deno.test("an error has the message, the details and the cause it was given", () => {
  const cause = new Error("underneath");
  const error = new GhostError("BAD_ARGUMENTS", "Cannot call: 2 is too many", { details: { at: 2 }, cause });
  assertEquals([error.message, error.details], ["Cannot call: 2 is too many", { at: 2 }]);
  assertStrictEquals(error.cause, cause);
});

Deno.test("the code decides what is retryable, unless the maker does", () => {
  assertEquals(CODES.filter((code) => new GhostError(code).retryable), [
    "TOO_MANY_CONNECTIONS",
    "TOO_MANY_REQUESTS",
    "RESOURCE_EXHAUSTED",
    "TICKET_EXPIRED",
    "CONNECTION_LOST",
    "EXECUTOR_RESTARTED",
    "LINK_NOT_RUNNING",
    "DEVICE_UNREACHABLE",
  ]);
  assertEquals(new GhostError("TRAP", undefined, { retryable: true }).retryable, true);
  assertEquals(new GhostError("CONNECTION_LOST", undefined, { retryable: false }).retryable, false);
});

Deno.test("from keeps a GhostError and wraps everything else", () => {
  const error = new GhostError("TRAP");
  assertStrictEquals(GhostError.from(error, "INTERNAL"), error);
  const cause = new TypeError("x is undefined");
  const wrapped = GhostError.from(cause);
  assertEquals([wrapped.code, wrapped.message], ["INTERNAL", `${ERROR_SENTENCES.INTERNAL}: x is undefined`]);
  assertStrictEquals(wrapped.cause, cause);
  assertEquals(
    GhostError.from("text", "CONNECTION_LOST").message,
    `${ERROR_SENTENCES.CONNECTION_LOST}: text`,
  );
  assertEquals(GhostError.from(undefined).code, "INTERNAL");
});
