import { assert, assertEquals } from "@std/assert";
import { cellBehind, cursorMove, eraser, fitted } from "../../../../gvm/repl/terminal/drawing.ts";

Deno.test("wide characters take two cells, and go to the next row when one is left", () => {
  assertEquals(cellBehind("abc", 10), { row: 0, column: 3 });
  assertEquals(cellBehind("a".repeat(20), 10), { row: 2, column: 0 });
  assertEquals(cellBehind("日本", 10), { row: 0, column: 4 });
  assertEquals(cellBehind("a日本", 4), { row: 1, column: 2 });
  assertEquals(cellBehind("a".repeat(500), Infinity), { row: 0, column: 500 });
});

Deno.test("the cursor goes from the end of what is drawn to where it belongs", () => {
  const picture = { prompt: "> ", typed: "abcdefgh", hint: "ij", cursor: 1 };
  assertEquals(cursorMove(picture, 80), "\r\x1b[3C");
  assertEquals(cursorMove(picture, 8), "\r\x1b[1A\x1b[3C");
  // A row that is full to its end has not been left yet.
  assertEquals(cursorMove({ ...picture, cursor: 8, hint: "" }, 10), " \r\x1b[K");
});

Deno.test("all rows of a line are erased, from wherever the cursor is, and however wide they have become", () => {
  const picture = { prompt: "> ", typed: "abcdefgh", hint: "ij", cursor: 8 };
  assertEquals(eraser(picture, 80), "\r\x1b[K");
  assertEquals(eraser(picture, 11), "\r\x1b[K\x1b[B\x1b[J\x1b[A");
  assertEquals(eraser(picture, 6), "\x1b[1A\r\x1b[K\x1b[B\x1b[J\x1b[A");
});

Deno.test("of a line that has no room on the screen what is around the cursor is shown", () => {
  const size = { columns: 40, rows: 5 };
  const typed = Array.from({ length: 5000 }, (_, i) => `${i} `).join("");
  for (const cursor of [0, 1000, typed.length]) {
    const shown = fitted({ prompt: "(node) > ", typed, hint: "hint", cursor }, size);
    assert(cellBehind(shown.prompt + shown.typed, 40).row < 5);
    assertEquals(
      shown.typed.slice(0, shown.cursor).slice(-20).replace("…", ""),
      typed.slice(0, cursor).slice(-20),
    );
    assertEquals(shown.typed.slice(shown.cursor, shown.cursor + 20), typed.slice(cursor, cursor + 20));
  }
  const short = { prompt: "> ", typed: "short", hint: "", cursor: 0 };
  assertEquals(fitted(short, size), short);
});
