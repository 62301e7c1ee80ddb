// What the pages of docs/ point at is there, and what comments of the code point at in the pages.
import { assertEquals } from "@std/assert";
import { exists } from "@std/fs/exists";
import { walk } from "@std/fs/walk";
import { join, relative } from "@std/path";
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

Deno.test("comments of the code name pages that exist, and parts that they have", async () => {
  const missing: string[] = [];
  for (const folder of ["gmp", "gpmd", "gvm"]) {
    for await (const { path } of walk(join(ROOT, folder), { exts: [".ts"], includeDirs: false })) {
      // A comment may go on in the next line.
      const text = (await Deno.readTextFile(path)).replaceAll(/\n *\* */g, " ");
      for (const [, page, part] of text.matchAll(/([\w./-]+\.md)(?:, "([^"]+)")?/g)) {
        const content = await Deno.readTextFile(join(ROOT, page!)).catch(() => undefined);
        const there = content !== undefined && (part === undefined || content.includes(`# ${part}\n`));
        if (!there) missing.push(`${relative(ROOT, path)}: ${page}, ${part}`);
      }
    }
  }
  assertEquals(missing, []);
});
