// The keys that @cliffy/prompt's Input knows, by the byte sequences that terminals send for them.

/** A key as @cliffy/keycode has it, which @cliffy/prompt hands to its `handleEvent`. */
export interface KeyCode {
  name?: string;
  char?: string;
  ctrl?: boolean;
  meta?: boolean;
}

const NAMES = new Map<string, KeyCode>([
  ["\x03", { name: "c", ctrl: true }],
  ["\r", { name: "return" }],
  ["\n", { name: "enter" }],
  ["\t", { name: "tab" }],
  ["\x1b", { name: "escape" }],
  ["\x1b[A", { name: "up" }],
  ["\x1b[B", { name: "down" }],
  ["\x1b[C", { name: "right" }],
  ["\x1b[D", { name: "left" }],
  ["\x1b[3~", { name: "delete" }],
  ["\b", { name: "backspace" }],
  ["\x7f", { name: "backspace" }],
]);

// An escape sequence, or one character.
// deno-lint-ignore no-control-regex
const KEY = /\x1b\[[\d;]*[A-Za-z~]|\x1bO[A-Z]|\x1b[^[O]|[^]/gu;
// deno-lint-ignore no-control-regex
const CONTROL = /^[\x00-\x1f\x7f]/;

/** What was typed, key by key. Keys that do nothing are left out, Ctrl-D among them. */
export function parseKeys(typed: string): KeyCode[] {
  return (typed.match(KEY) ?? []).flatMap((key): KeyCode[] => {
    const named = NAMES.get(key);
    if (named) return [named];
    return CONTROL.test(key) ? [] : [{ name: key, char: key }];
  });
}
