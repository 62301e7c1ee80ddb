/** A line being typed, and where the cursor is in it, in UTF-16 units. */
export interface Draft {
  /** The text. */
  readonly text: string;
  /** Where the next character goes. */
  readonly cursor: number;
}

/** UTF-16 units in which the characters beside the cursor are looked for: flags and families have some ten. */
const AROUND = 64;

let segmenter: Intl.Segmenter | undefined;

/** The characters of `text` as a person sees them. Making the segmenter takes as long as drawing a prompt: only when it is needed. */
function charactersOf(text: string): Intl.SegmentData[] {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  return [...segmenter.segment(text)];
}

/** Whether all of `text` is printable ASCII, and each of it so a character of its own. */
function isPlain(text: string): boolean {
  return /^[ -~]*$/.test(text);
}

/** Where the character before `index` begins: an accent or a flag is deleted with what it belongs to. */
export function characterLeft(text: string, index: number): number {
  if (isPlain(text.slice(Math.max(0, index - 2), index))) return Math.max(0, index - 1);
  const last = charactersOf(text.slice(Math.max(0, index - AROUND), index)).at(-1);
  return index - (last?.segment.length ?? 0);
}

/** Where the character at `index` ends. */
export function characterRight(text: string, index: number): number {
  if (isPlain(text.slice(index, index + 2))) return Math.min(text.length, index + 1);
  const [first] = charactersOf(text.slice(index, index + AROUND));
  return index + (first?.segment.length ?? 0);
}

/** Where the word before `index` begins: of letters and digits, as for Alt-B in a shell. */
export function wordLeft(text: string, index: number): number {
  return text.slice(0, index).replace(/[\p{L}\p{M}\p{N}_]*[^\p{L}\p{M}\p{N}_]*$/u, "").length;
}

/** Where the word at or after `index` ends. */
export function wordRight(text: string, index: number): number {
  return index + /^[^\p{L}\p{M}\p{N}_]*[\p{L}\p{M}\p{N}_]*/u.exec(text.slice(index))![0].length;
}

/** Where the word before `index` begins: whatever has no white space in it, as for Ctrl-W in a shell. */
export function spacedWordLeft(text: string, index: number): number {
  return text.slice(0, index).trimEnd().search(/\S*$/);
}
