/** What a key does to the line, by what terminals send for it. */
export type Action =
  | "submit"
  | "complete"
  | "deselect"
  | "leave"
  | "older"
  | "newer"
  | "search"
  | "left"
  | "right"
  | "wordLeft"
  | "wordRight"
  | "start"
  | "end"
  | "deleteLeft"
  | "deleteRight"
  | "cutSpacedWordLeft"
  | "cutWordLeft"
  | "cutWordRight"
  | "cutToStart"
  | "cutToEnd"
  | "paste"
  | "clearScreen"
  | "cancel";

/** The keys that prompts of shells have, too. */
export const ACTIONS: ReadonlyMap<string, Action> = new Map<string, Action>([
  ["\r", "submit"],
  ["\n", "submit"],
  ["\t", "complete"],
  ["\x1b", "deselect"],
  ["\x04", "leave"], // Ctrl-D
  ["\x1b[A", "older"],
  ["\x1bOA", "older"],
  ["\x10", "older"], // Ctrl-P
  ["\x1b[B", "newer"],
  ["\x1bOB", "newer"],
  ["\x0e", "newer"], // Ctrl-N
  ["\x12", "search"], // Ctrl-R
  ["\x1b[D", "left"],
  ["\x1bOD", "left"],
  ["\x02", "left"], // Ctrl-B
  ["\x1b[C", "right"],
  ["\x1bOC", "right"],
  ["\x06", "right"], // Ctrl-F
  ["\x1bb", "wordLeft"],
  ["\x1b[1;3D", "wordLeft"],
  ["\x1b[1;5D", "wordLeft"],
  ["\x1bf", "wordRight"],
  ["\x1b[1;3C", "wordRight"],
  ["\x1b[1;5C", "wordRight"],
  ["\x01", "start"], // Ctrl-A
  ["\x1b[H", "start"],
  ["\x1bOH", "start"],
  ["\x1b[1~", "start"],
  ["\x05", "end"], // Ctrl-E
  ["\x1b[F", "end"],
  ["\x1bOF", "end"],
  ["\x1b[4~", "end"],
  ["\x7f", "deleteLeft"],
  ["\b", "deleteLeft"],
  ["\x1b[3~", "deleteRight"],
  ["\x17", "cutSpacedWordLeft"], // Ctrl-W
  ["\x1b\x7f", "cutWordLeft"],
  ["\x1bd", "cutWordRight"],
  ["\x15", "cutToStart"], // Ctrl-U
  ["\x0b", "cutToEnd"], // Ctrl-K
  ["\x19", "paste"], // Ctrl-Y
  ["\x0c", "clearScreen"], // Ctrl-L
  ["\x07", "cancel"], // Ctrl-G
]);
