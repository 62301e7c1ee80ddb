import { assertEquals } from "@std/assert";
import { characterLeft, characterRight } from "../../../../gvm/repl/terminal/editing.ts";

/** Where each character begins, as a person who moves through `text` from its `from` to the other end finds them. */
function stops(text: string, from: "start" | "end"): number[] {
  const [start, move] = from === "start"
    ? [0, characterRight] as const
    : [text.length, characterLeft] as const;
  const found = [start];
  for (let index = start; index !== (from === "start" ? text.length : 0);) {
    found.push(index = move(text, index));
  }
  return found;
}

Deno.test("the cursor moves by what a person sees as a character, in both directions", () => {
  const texts: [text: string, stops: number[]][] = [
    ["", [0]],
    ["math.add(1)", [...Array(12).keys()]],
    ["e\u0301a", [0, 2, 3]], // an accent of its own
    ["a\u{1f1e9}\u{1f1ea}b", [0, 1, 5, 6]], // a flag
    ["x\u{1f468}\u200d\u{1f469}\u200d\u{1f467}", [0, 1, 9]], // a family
    ["\u06001a", [0, 2, 3]], // a sign that belongs to the digit behind it
    ["a\r\nb", [0, 1, 3, 4]],
  ];
  for (const [text, expected] of texts) {
    assertEquals(stops(text, "start"), expected, JSON.stringify(text));
    assertEquals(stops(text, "end"), expected.toReversed(), JSON.stringify(text));
  }
  assertEquals(characterLeft("ab", 0), 0);
  assertEquals(characterRight("ab", 2), 2);
});
