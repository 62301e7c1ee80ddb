import { print, styled } from "./console.ts";

/** Prints aligned columns, each under a title. */
export function printTable(titles: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd();
  print(styled(line(titles), "bold", "stdout"));
  for (const row of rows) print(line(row));
}

/** Prints names and values, aligned. */
export function printFields(fields: readonly (readonly [string, string])[]): void {
  const width = Math.max(...fields.map(([name]) => name.length));
  for (const [name, value] of fields) print(`${styled(name.padEnd(width), "dim", "stdout")}  ${value}`);
}

/** Prints JSON to standard output. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}
