import { join } from "@std/path";
import { ROOT } from "./_daemon_with.ts";

/** A row of a table, by the name of its column; the code marks around a whole cell are taken off. */
type Row = Readonly<Record<string, string>>;

/** The text of a page of docs/. */
export async function readPage(name: string): Promise<string> {
  return await Deno.readTextFile(join(ROOT, "docs", name));
}

/** The rows of all tables of `page` that have these columns, in order. */
export function rowsOf(page: string, ...columns: string[]): Row[] {
  const rows: Row[] = [];
  let header: string[] | undefined;
  for (const line of page.split("\n")) {
    const cells = cellsOf(line);
    if (cells === undefined) header = undefined;
    else if (header === undefined) header = cells;
    else if (!/^-+$/.test(cells[0]!) && columns.every((column) => header!.includes(column))) {
      rows.push(Object.fromEntries(header.map((column, at) => [column, cells[at] ?? ""])));
    }
  }
  return rows;
}

function cellsOf(line: string): string[] | undefined {
  if (!line.startsWith("|")) return undefined;
  return line.split("|").slice(1, -1).map((cell) => cell.trim().replace(/^`([^`]*)`$/, "$1"));
}
