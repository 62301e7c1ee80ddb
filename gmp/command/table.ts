import { columns, print, styled } from "./console.ts";
import { printable } from "./printable.ts";
import { padded, widthOf, wrap } from "./wrap.ts";

/** Between columns. */
const GAP = "  ";
/** Least width of a column that is wrapped: a narrower one would have a word a line. */
const LEAST_COLUMN = 12;

/**
 * Prints aligned columns, each under a title; at a terminal that is too narrow, what is in the widest one is wrapped. If
 * that does not help, as with a long id, each row is printed as a list of its own. Cells may come from another device:
 * what a terminal would obey is escaped.
 */
export function printTable(titles: readonly string[], cells: readonly (readonly string[])[]): void {
  const rows = cells.map((row) => row.map(printable));
  const widths = fitting(
    titles.map((title, i) => Math.max(widthOf(title), ...rows.map((row) => widthOf(row[i]!)))),
  );
  const isWide = (cell: string, width: number) => wrap(cell, width).some((line) => widthOf(line) > width);
  if (over(widths) > 0 || rows.some((row) => row.some((cell, i) => isWide(cell, widths[i]!)))) {
    return printLists(titles, rows);
  }
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => padded(cell, widths[i]!)).join(GAP).trimEnd();
  print(styled(line(titles), "bold", "stdout"));
  for (const row of rows) {
    const cells = row.map((cell, i) => widthOf(cell) <= widths[i]! ? [cell] : wrap(cell, widths[i]!));
    const height = Math.max(...cells.map((lines) => lines.length));
    for (let at = 0; at < height; at++) print(line(cells.map((lines) => lines[at] ?? "")));
  }
}

/** Prints each row as names and values, an empty line between two. */
function printLists(titles: readonly string[], rows: readonly (readonly string[])[]): void {
  for (const [i, row] of rows.entries()) {
    if (i > 0) print("");
    printFields(titles.map((title, at) => [title, row[at]!]));
  }
}

/** `widths` of columns, the widest narrowed so that all fit the terminal, if they can and there is one. */
function fitting(widths: readonly number[]): readonly number[] {
  const missing = over(widths);
  if (missing <= 0) return widths;
  const widest = widths.indexOf(Math.max(...widths));
  return widths.map((width, i) =>
    i === widest ? Math.max(width - missing, Math.min(width, LEAST_COLUMN)) : width
  );
}

/** By how much columns of these `widths` are wider than the terminal, if there is one. */
function over(widths: readonly number[]): number {
  // On some terminals, a line that reached the last column would be followed by an empty one.
  const room = (columns() ?? Infinity) - 1;
  return widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length) - room;
}

/** Prints names and values, aligned; at a terminal, long values are wrapped. Values are escaped as cells of a table. */
export function printFields(given: readonly (readonly [string, string])[]): void {
  const fields = given.map(([name, value]) => [name, printable(value)] as const);
  const width = Math.max(...fields.map(([name]) => name.length));
  const room = Math.max((columns() ?? Infinity) - 1 - width - GAP.length, LEAST_COLUMN);
  for (const [name, value] of fields) {
    const [first = "", ...more] = widthOf(value) <= room ? [value] : wrap(value, room);
    print(`${styled(name.padEnd(width), "dim", "stdout")}${GAP}${first}`);
    for (const line of more) print(`${" ".repeat(width)}${GAP}${line}`);
  }
}

/** Prints JSON to standard output. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}
