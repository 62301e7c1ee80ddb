/**
 * The names of what a write-back puts beside the files of a directory. All begin with `.gvm-` and a random number, which one
 * write-back has for itself. A guest sees none of them and can make none.
 */
const PATTERN = /^\.gvm-([0-9a-f]{16})(-\d+|-\d+\.old|\.redo|\.undo|\.draft)$/;

/** Which write-back a name belongs to, and what it says. */
interface TemporaryName {
  /** The write-back's number. */
  readonly id: string;
  /** New files, something that was replaced, a journal (`redo`, `undo`), or a journal that is being written. */
  readonly kind: "new" | "old" | "redo" | "undo" | "draft";
}

/** What `name` says, if it is a write-back's. */
export function temporaryName(name: string): TemporaryName | undefined {
  const [, id, rest] = PATTERN.exec(name) ?? [];
  if (id === undefined) return undefined;
  const kind = rest!.endsWith(".old") ? "old" : rest!.startsWith("-") ? "new" : rest!.slice(1);
  return { id, kind: kind as TemporaryName["kind"] };
}

/** A number that no other write-back has. */
export function newId(): string {
  return crypto.getRandomValues(new Uint8Array(8)).toHex();
}

/** True for the number of a write-back. */
export function isId(id: string): boolean {
  return /^[0-9a-f]{16}$/.test(id);
}

/** The name of the `n`-th new thing, before it has its own. */
export function newName(id: string, n: number): string {
  return `.gvm-${id}-${n}`;
}

/** The name of what the `n`-th new thing replaces, until that is sure to stay. */
export function oldName(id: string, n: number): string {
  return `${newName(id, n)}.old`;
}

/** The name of a journal, or of one that is being written. */
export function journalName(id: string, kind: "redo" | "undo" | "draft"): string {
  return `.gvm-${id}.${kind}`;
}
