// The keys that @cliffy/prompt's Input knows, by the byte sequences that terminals send for them.

export type Action =
  | "interrupt"
  | "submit"
  | "complete"
  | "deselect"
  | "up"
  | "down"
  | "left"
  | "right"
  | "wordLeft"
  | "wordRight"
  | "deleteLeft"
  | "deleteRight"
  | "deleteWordLeft"
  | "deleteWordRight";

const ACTIONS = new Map<string, Action>([
  ["\x03", "interrupt"],
  ["\r", "submit"],
  ["\n", "submit"],
  ["\t", "complete"],
  ["\x1b", "deselect"],
  ["\x1b[A", "up"],
  ["\x1bOA", "up"],
  ["\x1b[B", "down"],
  ["\x1bOB", "down"],
  ["\x1b[C", "right"],
  ["\x1bOC", "right"],
  ["\x1b[D", "left"],
  ["\x1bOD", "left"],
  ["\x1b[1;3C", "wordRight"],
  ["\x1b[1;5C", "wordRight"],
  ["\x1b[1;3D", "wordLeft"],
  ["\x1b[1;5D", "wordLeft"],
  ["\b", "deleteLeft"],
  ["\x7f", "deleteLeft"],
  ["\x1b[3~", "deleteRight"],
  ["\x17", "deleteWordLeft"],
  ["\x1b\x7f", "deleteWordLeft"],
  ["\x1bd", "deleteWordRight"],
]);

export type Key = { action: Action } | { char: string };

// An escape sequence, or one character.
// deno-lint-ignore no-control-regex
const KEY = /\x1b\[[\d;]*[A-Za-z~]|\x1bO[A-Z]|\x1b[^[O]|[^]/gu;
// deno-lint-ignore no-control-regex
const CONTROL = /^[\x00-\x1f\x7f]/;

/** What was typed, key by key. Keys that do nothing are left out, Ctrl-D among them. */
export function parseKeys(typed: string): Key[] {
  return (typed.match(KEY) ?? []).flatMap((key): Key[] => {
    const action = ACTIONS.get(key);
    if (action) return [{ action }];
    return CONTROL.test(key) ? [] : [{ char: key }];
  });
}
