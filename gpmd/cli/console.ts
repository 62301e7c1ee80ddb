import { GhostError } from "../../gmp/errors.ts";
import { printable } from "../../gmp/command/printable.ts";
import { ClosedOutput, writeStandard } from "../../gmp/command/standard_output.ts";
import { bold, dim, red, setColorEnabled } from "@std/fmt/colors";

const encoder = new TextEncoder();

/** Prints a line to standard output. @throws {GhostError} `BAD_ARGUMENTS` where it cannot be written. */
export function print(line: string): void {
  write("stdout", `${line}\n`);
}

/** Prints a line to standard error, or nowhere: that it cannot be written there is nothing that could be told. */
export function complain(line: string): void {
  try {
    write("stderr", `${line}\n`);
  } catch (error) {
    if (!(error instanceof GhostError)) throw error;
  }
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

function write(stream: "stdout" | "stderr", text: string): void {
  try {
    writeStandard(stream, encoder.encode(text));
  } catch (error) {
    // Whoever reads has seen enough, as `head` does.
    if (error instanceof ClosedOutput) Deno.exit(0);
    throw error;
  }
}
