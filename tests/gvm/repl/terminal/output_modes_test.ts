import { assert, assertEquals } from "@std/assert";
import { OutputModes } from "../../../../gvm/repl/terminal/output_modes.ts";

function restored(...pieces: string[]): string {
  const modes = new OutputModes();
  for (const piece of pieces) modes.saw(new TextEncoder().encode(piece), "stdout");
  const text = modes.restore();
  assertEquals(modes.restore(), "");
  return text;
}

Deno.test("nothing is written after output without escape sequences", () => {
  assertEquals(restored("Hello, ä€🦕!\n", "\t1\r\n"), "");
});

Deno.test("what any sequence may have left is undone", () => {
  for (const output of ["\x1b[31mred", "\x1b]0;title without an end", "\x0e", "\x1b[?25l"]) {
    const text = restored(output);
    for (const undo of ["\x18", "\x1b[0m", "\x1b(B\x0f", "\x1b[?25h", "\x1b[?7h"]) {
      assert(text.includes(undo));
    }
    assert(!text.includes("\x1b[r"), "what moves the cursor is undone only where it was used");
  }
});

Deno.test("modes, regions and protocols are undone where they were used, however the output was cut", () => {
  for (
    const [output, undo] of [
      ["\x1b[?1049h", "\x1b[?1049l"],
      ["\x1b[?1000;1006h", "\x1b[?1000l\x1b[?1006l"],
      ["\x1b[3;10r", "\x1b[r"],
      ["\x1b]11;#ff0000\x07", "\x1b]111\x07"],
      ["\x1b[>1u", "\x1b[<99u"],
    ] as const
  ) {
    for (let cut = 0; cut <= output.length; cut++) {
      const text = restored(`x${output.slice(0, cut)}`, `${output.slice(cut)}y`);
      assert(text.includes(undo), JSON.stringify([output, cut, text]));
    }
  }
});

Deno.test("endless modes do not fill the memory", () => {
  const text = restored(...Array.from({ length: 10_000 }, (_, i) => `\x1b[?${i + 3000}h`));
  assert(text.length < 2000);
});
