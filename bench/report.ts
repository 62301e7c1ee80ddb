import type { Figure, Result } from "./contest.ts";

const HEAD = ["row", "placement", "who", "median", "p99", "±", "first ÷ this"];

/** The results as a table for people, the verdicts behind it. */
export function table(results: readonly Result[]): string {
  const lines = [HEAD];
  for (const result of results) {
    for (const [i, figure] of result.figures.entries()) {
      const first = i === 0;
      lines.push([
        first ? result.row : "",
        first ? result.placement ?? "" : "",
        ...cells(figure, result.unit),
      ]);
    }
    for (const [i, { name, missing }] of result.missing.entries()) {
      const first = i === 0 && result.figures.length === 0;
      lines.push([first ? result.row : "", "", `${name}: skipped`, `(${missing})`, "", "", ""]);
    }
  }
  const widths = HEAD.map((_, c) =>
    Math.max(...lines.filter((_, l) => l >= 0).map((line) => width(line, c)))
  );
  const rows = lines.map((line) =>
    line.map((cell, c) => c < 3 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!))
  );
  return [...rows.map((line) => line.join("  ").trimEnd()), "", ...verdicts(results)].join("\n");
}

/** What skips a contestant may stand over the other columns. */
function width(line: readonly string[], column: number): number {
  return column > 2 && line[column]!.startsWith("(") ? 0 : line[column]!.length;
}

function cells(figure: Figure, unit: string): string[] {
  const { name, median, p99, spread, ratio } = figure;
  return [
    name,
    `${show(median)} ${unit}`,
    p99 === undefined ? "" : show(p99),
    `${(spread * 100).toFixed(0)} %`,
    ratio === undefined ? "" : ratio.toFixed(2),
  ];
}

function verdicts(results: readonly Result[]): string[] {
  return results.flatMap(({ row, placement, verdicts }) =>
    verdicts.map(({ what, value, bound, met }) => {
      const where = placement === undefined ? row : `${row}, ${placement}`;
      return `${met ? "met   " : "missed"}  ${where}: ${what} is ${show(value)}, to be ${bound}`;
    })
  );
}

/** Three significant digits, and thousands apart. */
function show(value: number): string {
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return value.toLocaleString("en", {
    maximumFractionDigits: digits,
    minimumFractionDigits: Math.min(digits, 2),
  });
}
