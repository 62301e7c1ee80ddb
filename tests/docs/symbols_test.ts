// What a program can import is documented: every symbol has a docstring, every function and class an example, which
// tests/tools/doc_tests.ts runs; and it is listed in docs/library.md, so that a new export is a decision.
import { assertEquals } from "@std/assert";
import { relative, toFileUrl } from "@std/path";
import { ROOT } from "./_daemon_with.ts";
import { readPage, rowsOf } from "./_tables.ts";

const ENTRIES = ["mod.ts", "gmp/mod.ts", "gpmd/mod.ts", "gvm/mod.ts"];

interface Declaration {
  readonly kind: string;
  readonly location: { readonly filename: string };
  readonly jsDoc?: { readonly doc?: string; readonly tags?: readonly { readonly kind: string }[] };
}

interface Documentation {
  readonly nodes: Readonly<Record<string, Page>>;
}

interface Page {
  readonly module_doc?: { readonly doc?: string };
  readonly symbols: readonly { readonly name: string; readonly declarations: readonly Declaration[] }[];
}

async function denoDoc(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command("deno", {
    args: ["doc", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

const pages = new Map<string, Promise<Page>>();

/** What Deno says of an entry point, asked once. */
function pageOf(entry: string): Promise<Page> {
  const page = pages.get(entry) ?? readPageOf(entry);
  pages.set(entry, page);
  return page;
}

async function readPageOf(entry: string): Promise<Page> {
  const { nodes } = JSON.parse((await denoDoc("--json", entry)).stdout) as Documentation;
  return nodes[toFileUrl(`${ROOT}${entry}`).href]!;
}

for (const entry of ENTRIES) {
  Deno.test(`${entry}: every symbol and member has a docstring, and every type that it names is exported`, async () => {
    const { code, stderr } = await denoDoc("--lint", entry);
    assertEquals(code, 0, stderr);
  });

  Deno.test(`${entry}: it has a docstring, and every function and class of it an example`, async () => {
    const { module_doc, symbols } = await pageOf(entry);
    assertEquals(typeof module_doc?.doc, "string");
    const without = symbols.flatMap(({ name, declarations }) =>
      declarations
        .filter(({ kind }) => kind === "function" || kind === "class")
        .filter(({ jsDoc }) => !jsDoc?.tags?.some((tag) => tag.kind === "example"))
        .map(({ location }) => `${name} in ${relative(ROOT, new URL(location.filename).pathname)}`)
    );
    assertEquals(without, []);
  });
}

async function namesOf(entry: string): Promise<string[]> {
  return (await pageOf(entry)).symbols.map(({ name }) => name);
}

for (
  const [entry, specifier] of [["mod.ts", "@ghost/network"], ["gmp/mod.ts", "@ghost/network/gmp"]] as const
) {
  Deno.test(`library.md lists what ${specifier} exports`, async () => {
    const column = `\`${specifier}\` exports`;
    const rows = rowsOf(await readPage("library.md"), column, "is shown by");
    const listed = rows.flatMap((row) => Array.from(row[column]!.matchAll(/\w+/g), ([name]) => name));
    assertEquals(listed.sort(), (await namesOf(entry)).sort());
  });
}

for (const entry of ENTRIES) {
  Deno.test(`${entry}: docstrings link to nothing that is not exported`, async () => {
    const { symbols } = await pageOf(entry);
    const linked = Array.from(JSON.stringify(symbols).matchAll(/\{@linkcode (\w+)/g), ([, name]) => name!);
    const names = await namesOf(entry);
    assertEquals(linked.filter((name) => !names.includes(name)), []);
  });
}

Deno.test("@ghost/network exports what gvm and gpmd do", async () => {
  const halves = new Set([...await namesOf("gvm/mod.ts"), ...await namesOf("gpmd/mod.ts")]);
  assertEquals((await namesOf("mod.ts")).sort(), [...halves].sort());
});
