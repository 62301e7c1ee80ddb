// npm's deno-std lacks the table that its own unicode_width.js reads. These are the wide blocks of Unicode's
// EastAsianWidth and the emoji; the real package knows the last few odd characters too.
const ZERO = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]$/u;
const WIDE =
  /^[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Bopomofo}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]$/u;

/** The number of terminal columns that `str` takes. */
export function unicodeWidth(str: string): number {
  let width = 0;
  for (const char of str) {
    width += ZERO.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  }
  return width;
}
