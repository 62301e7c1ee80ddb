// What the pages of docs/ point at is there.
import { assertEquals } from "@std/assert";
import { exists } from "@std/fs/exists";
import { join } from "@std/path";
import { ROOT } from "./_daemon_with.ts";
import { readPage } from "./_tables.ts";

for await (const { name } of Deno.readDir(join(ROOT, "docs"))) {
  if (!name.endsWith(".md")) continue;
  Deno.test(`${name} names files and pages that exist`, async () => {
    const page = await readPage(name);
    const files = page.match(/\b(?:gmp|gpmd|gvm|tests|examples)\/[\w./-]*\w(?:\.\w+|\/(?=`))/g) ?? [];
    const links = Array.from(page.matchAll(/\]\((?!https?:|#)([^)#]+)/g), ([, link]) => join("docs", link!));
    const missing: string[] = [];
    for (const path of new Set([...files, ...links])) {
      if (!await exists(join(ROOT, path))) missing.push(path);
    }
    assertEquals(missing, []);
  });
}
