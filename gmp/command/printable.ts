/** Characters that move the cursor, or that a terminal or a reader's eye obeys instead of showing. */
const UNSHOWABLE = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu;

/**
 * `text` safe to print in one line: text that came from a peer or a module may hold escape sequences of a terminal. What
 * cannot be shown is written as an escape, `\u{1b}`.
 */
export function printable(text: string): string {
  return text.replace(UNSHOWABLE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
