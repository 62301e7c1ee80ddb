import { assertEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { parseInvitationCode, writeInvitationCode } from "../../../gmp/device/invitation_code.ts";

const key = Uint8Array.from({ length: 32 }, (_, i) => i * 7 + 1);
const token = Uint8Array.from({ length: 16 }, (_, i) => 255 - i);
const addresses = ["192.168.1.20:5990", "10.0.0.1:1"];
const CODE = "ghost1-0440y5gx4gnk4ea08x75aq33d9rqgzw6hpa9q8n9p2vvxhectfd0-zzzfvz7vzbwzhxzpyqtf7wqhy0@" +
  "192.168.1.20:5990,10.0.0.1:1";

Deno.test("a code is these characters, and means what it was made of", () => {
  const code = writeInvitationCode({ key, token, addresses });
  assertEquals(code, CODE);
  assertEquals(parseInvitationCode(code), { key, token, addresses });
});

Deno.test("a code may be copied in capitals, with white space around it, and with i, l and o for 1 and 0", () => {
  const spoken = CODE.slice(0, CODE.indexOf("@")).toUpperCase().replaceAll("0", "O") +
    CODE.slice(CODE.indexOf("@"));
  assertEquals(parseInvitationCode(`  ${spoken}\n`), { key, token, addresses });
  const ones = writeInvitationCode({ key: key.map(() => 0x08), token, addresses });
  assertEquals(
    parseInvitationCode(
      ones.replace("ghost1-", "#").replaceAll("1", "l").replace("#", "ghost1-")
        .replace(/@.*/, "@10.0.0.1:1"),
    ).key,
    key.map(() => 0x08),
  );
});

Deno.test("a code that is none is refused at its first wrong character", () => {
  const at = CODE.indexOf("@");
  const wrong: [string, number][] = [
    ["", 0],
    ["hello", 0],
    ["ghost2-" + CODE.slice(7), 0],
    ["ghost1-", 7],
    [CODE.slice(0, 9) + "u" + CODE.slice(10), 9],
    [CODE.slice(0, 30), 30],
    [CODE.slice(0, 59) + "+" + CODE.slice(60), 59],
    [CODE.slice(0, 62) + "!" + CODE.slice(63), 62],
    [CODE.slice(0, at - 1) + "@" + CODE.slice(at + 1), at - 1],
    // What is left of the last character must be zero, or two codes would mean the same.
    [CODE.slice(0, at - 1) + "z" + CODE.slice(at), at - 1],
    [CODE.slice(0, at), at],
    [CODE.slice(0, at + 1), at + 1],
    [CODE.slice(0, at + 1) + "laptop:5990", at + 1],
    [CODE + ",", CODE.length + 1],
    [CODE + ",10.0.0.2:65536", CODE.length + 1],
    [CODE + ",10.0.0.2", CODE.length + 1],
    [CODE + ",10.0.0.2:0", CODE.length + 1],
    [CODE.slice(0, at + 1) + Array(17).fill("1.1.1.1:1").join(), at + 1 + 16 * 10],
    ["x".repeat(10_000), 512],
  ];
  for (const [code, position] of wrong) {
    const error = assertThrows(() => parseInvitationCode(code), GhostError, undefined, code);
    assertEquals([error.code, error.details], ["PAIRING_FAILED", { position }], code);
  }
});
