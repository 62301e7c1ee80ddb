/** What was typed: a key by what terminals send for it, or text, which may be pasted. */
export type Key =
  | { readonly kind: "key"; readonly name: string }
  | { readonly kind: "text"; readonly text: string };

/** The key that ends a line. */
const ENTER: Key = { kind: "key", name: "\r" };

/** What has a terminal mark the beginning and the end of what is pasted (xterm, "Bracketed Paste Mode"), or no longer. */
export const MARK_PASTES = { on: "\x1b[?2004h", off: "\x1b[?2004l" } as const;
const PASTE_BEGINS = "\x1b[200~";
const PASTE_ENDS = "\x1b[201~";

/** An escape sequence, Alt with a key, a control character, or text. */
// deno-lint-ignore no-control-regex
const TYPED = /\x1b\[[\d;]*[A-Za-z~]|\x1bO[A-Z]|\x1b[^[O\x1b]|[\x00-\x1f\x7f]|[^\x00-\x1f\x7f]+/gu;
/** The beginning of an escape sequence whose rest has yet to arrive. */
// deno-lint-ignore no-control-regex
const UNFINISHED = /\x1b(?:\[[\d;]*|O)$/;
/** The beginning of {@linkcode PASTE_ENDS}, at the end of what has arrived. */
// deno-lint-ignore no-control-regex
const PASTE_ENDING = /\x1b(?:\[(?:2(?:0(?:1)?)?)?)?$/;
/** What a terminal would obey; a line shows what is left of it. */
// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x1f\x7f\x80-\x9f]/g;
const LINE_END = /\r\n|\r|\n/;

/** Makes keys of what a terminal sends, in whatever pieces it arrives. */
export class KeyDecoder {
  readonly #decoder = new TextDecoder();
  #rest = "";
  #pasting = false;

  /** Whether the end of what is being pasted has yet to arrive. */
  get pasting(): boolean {
    return this.#pasting;
  }

  /** The keys in `bytes`, the latest of those that were sent. */
  decode(bytes: Uint8Array): Key[] {
    let text = this.#rest + this.#decoder.decode(bytes, { stream: true });
    this.#rest = "";
    const keys: Key[] = [];
    while (text !== "") {
      if (this.#pasting) {
        const end = text.indexOf(PASTE_ENDS);
        if (end < 0) this.#rest = PASTE_ENDING.exec(text)?.[0] ?? "";
        keys.push(...keysOf(text.slice(0, end < 0 ? text.length - this.#rest.length : end)));
        if (end < 0) break;
        this.#pasting = false;
        text = text.slice(end + PASTE_ENDS.length);
      } else {
        const begin = text.indexOf(PASTE_BEGINS);
        const typed = begin < 0 ? text : text.slice(0, begin);
        if (begin < 0) this.#rest = UNFINISHED.exec(typed)?.[0] ?? "";
        for (const name of typed.slice(0, typed.length - this.#rest.length).match(TYPED) ?? []) {
          // deno-lint-ignore no-control-regex
          keys.push(/^[\x00-\x1f\x7f]/.test(name) ? { kind: "key", name } : textOf(name));
        }
        if (begin < 0) break;
        this.#pasting = true;
        text = text.slice(begin + PASTE_BEGINS.length);
      }
    }
    return keys;
  }
}

/** The keys that type `text`, however many lines it has: nothing in it is a key itself. */
function keysOf(text: string): Key[] {
  return text.split(LINE_END).flatMap((
    line,
    i,
  ) => [...i > 0 ? [ENTER] : [], ...line === "" ? [] : [textOf(line)]]);
}

function textOf(text: string): Key {
  return { kind: "text", text: text.replaceAll("\t", " ").replace(CONTROL, "") };
}
