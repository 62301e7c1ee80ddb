/** Characters that control the terminal or the order of the text instead of showing. */
const UNSHOWABLE = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu;

/**
 * `text`, safe to print on one line: text from a peer or a module may have terminal escape sequences. What cannot be
 * shown is written as an escape, `\u{1b}`.
 */
export function printable(text: string): string {
  return text.replace(UNSHOWABLE, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
