import { assertEquals } from "@std/assert";
import { type Key, KeyDecoder } from "../../../../gvm/repl/terminal/keys.ts";

const BEGIN = "\x1b[200~";
const END = "\x1b[201~";
const ENTER = { kind: "key", name: "\r" } as const;
const text = (text: string): Key => ({ kind: "text", text });
const key = (name: string): Key => ({ kind: "key", name });

function decode(...chunks: (string | Uint8Array)[]): Key[] {
  const decoder = new KeyDecoder();
  const encoder = new TextEncoder();
  return chunks.flatMap((chunk) => decoder.decode(typeof chunk === "string" ? encoder.encode(chunk) : chunk));
}

/** Neighbouring texts as one: a cut text is two. */
function joined(keys: readonly Key[]): Key[] {
  const all: Key[] = [];
  for (const one of keys) {
    const last = all.at(-1);
    if (one.kind === "text" && last?.kind === "text") all.splice(-1, 1, text(last.text + one.text));
    else all.push(one);
  }
  return all;
}

Deno.test("text and keys are told apart", () => {
  assertEquals(decode("math\x1b[D\x1bOAäß🦕\x1bb\x01\t\r"), [
    text("math"),
    key("\x1b[D"),
    key("\x1bOA"),
    text("äß🦕"),
    key("\x1bb"),
    key("\x01"),
    key("\t"),
    ENTER,
  ]);
});

Deno.test("characters, escape sequences and the marks of a paste may be cut anywhere", () => {
  for (const typed of ["a€b🦕c", "ab\x1b[D\x1b[1;5Cx", `a${BEGIN}b\nc${END}d`]) {
    const bytes = new TextEncoder().encode(typed);
    const whole = joined(decode(bytes));
    // An escape alone is the Escape key, so a sequence is cut behind its bracket only.
    for (let cut = 1; cut < bytes.length; cut++) {
      const isEscape = bytes[cut - 1] === 0x1b && !typed.slice(0, cut).includes(BEGIN);
      if (!isEscape) {
        assertEquals(joined(decode(bytes.slice(0, cut), bytes.slice(cut))), whole, `cut at ${cut}`);
      }
    }
  }
});

Deno.test("nothing in what is pasted is a key, but the ends of its lines", () => {
  assertEquals(decode(`${BEGIN}a\tb\x03\x1b[31mc\r\nd\re\nf${END}\t`), [
    text("a b[31mc"),
    ENTER,
    text("d"),
    ENTER,
    text("e"),
    ENTER,
    text("f"),
    key("\t"),
  ]);
});

Deno.test("a paste lasts until its end has arrived", () => {
  const decoder = new KeyDecoder();
  const encoder = new TextEncoder();
  decoder.decode(encoder.encode(`${BEGIN}abc`));
  assertEquals(decoder.pasting, true);
  assertEquals(decoder.decode(encoder.encode("\t")), [text(" ")]);
  decoder.decode(encoder.encode(END));
  assertEquals(decoder.pasting, false);
});
