// Writes the imports of each room into the table of docs/architecture.md: `deno task rooms`, after files were moved or imports
// changed. The diff is then to be read: an arrow that should not be there is a mistake of the code, not of the page.
import { join } from "@std/path";
import { ROOT } from "./_daemon_with.ts";
import { importsOf, roomOf } from "./_rooms.ts";
import { readPage } from "./_tables.ts";

/** `page` with the third cell of each room's row replaced by the rooms that the code of that room imports. */
function draw(page: string, used: ReadonlyMap<string, ReadonlySet<string>>): string {
  const row = /^(\| `((?:gmp|gpmd|gvm)[\w/]*)` +\|[^|]*\|)[^|]*\|$/;
  return page.split("\n").map((line) => {
    const [, start, room] = row.exec(line) ?? [];
    if (start === undefined || !used.has(room!)) return line;
    return `${start} ${[...used.get(room!)!].sort().map((name) => `\`${name}\``).join(" ")} |`;
  }).join("\n");
}

const used = new Map<string, Set<string>>();
for (const { from, to } of await importsOf()) {
  const [own, other] = [roomOf(from), roomOf(to)];
  for (const room of [own, other]) if (room !== undefined && !used.has(room)) used.set(room, new Set());
  // Every room may import the files beside the rooms.
  if (own !== undefined && other !== undefined && own !== other && other !== "gmp") used.get(own)!.add(other);
}
const page = await readPage("architecture.md");
for (const room of used.keys()) {
  if (!page.includes(`| \`${room}\` `)) {
    console.error(`${room} has no row yet: add one, and say what it is for`);
  }
}
await Deno.writeTextFile(join(ROOT, "docs", "architecture.md"), draw(page, used));
