import { printable } from "../../gmp/printable.ts";
import { bold, dim, red, setColorEnabled } from "@std/fmt/colors";

const encoder = new TextEncoder();

/** Prints a line to standard output. */
export function print(line: string): void {
  write(Deno.stdout, `${line}\n`);
}

/** Prints a line to standard error. */
export function complain(line: string): void {
  write(Deno.stderr, `${line}\n`);
}

/** Prints JSON to standard output. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Prints aligned columns under a title each. */
export function printTable(titles: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd();
  print(colored(Deno.stdout, bold, line(titles)));
  for (const row of rows) print(line(row));
}

/** Prints names and values, aligned. */
export function printFields(fields: readonly (readonly [string, string])[]): void {
  const width = Math.max(...fields.map(([name]) => name.length));
  for (const [name, value] of fields) print(`${colored(Deno.stdout, dim, name.padEnd(width))}  ${value}`);
}

/** Prints the line that an error gets: its code and its sentence. */
export function printError(code: string, message: string): void {
  complain(`${colored(Deno.stderr, red, `${code}:`)} ${printable(message)}`);
}

type Output = typeof Deno.stdout | typeof Deno.stderr;

function colored(output: Output, color: (text: string) => string, text: string): string {
  setColorEnabled(!Deno.noColor && output.isTerminal());
  return color(text);
}

function write(output: Output, text: string): void {
  try {
    for (let rest = encoder.encode(text); rest.length > 0;) rest = rest.subarray(output.writeSync(rest));
  } catch (error) {
    // Whoever reads has seen enough, as `head` does.
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(0);
    throw error;
  }
}
