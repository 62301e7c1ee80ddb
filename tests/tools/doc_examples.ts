/**
 * The examples in docstrings and in pages, each as a module that shares all that it imports with the others. `deno test --doc`
 * gives each a worker of its own, in which it reads and compiles this project anew.
 */
import { walk } from "@std/fs/walk";
import { join, relative, toFileUrl } from "@std/path";
import { ROOT } from "./commands.ts";

/** An example that is to be run. */
interface Example {
  /** Its file and the line on which it starts, `docs/library.md:9`. */
  readonly name: string;
  /** Runs it, and fails as it does. */
  run(): Promise<void>;
}

/** A fenced block: how far it is indented, what follows the fence, and its text. */
const BLOCK = /^([ *]*)```([^\n`]*)\n(.*?)^\1```$/gms;
/** The languages of blocks that are run, unless the word `ignore` follows. */
const LANGUAGES = ["ts", "typescript", "js", "javascript", "mts", "mjs", "tsx", "jsx"];

/** All examples in files of these places that end with `.ts` or `.md`, loaded. Fails as the import of one does. */
export async function examplesIn(places: readonly string[]): Promise<Example[]> {
  const examples: Promise<Example>[] = [];
  for (const place of places) {
    for (const path of await filesOf(join(ROOT, place))) {
      const text = await Deno.readTextFile(path);
      for (const part of path.endsWith(".md") ? [{ text, at: 0 }] : docstrings(text)) {
        for (const [block, indent, info, code] of part.text.matchAll(BLOCK)) {
          const [language, ...words] = info!.trim().split(/[\s,]+/);
          if (!LANGUAGES.includes(language!) || words.includes("ignore")) continue;
          const line = text.slice(0, text.indexOf(block, part.at)).split("\n").length + 1;
          const lines = code!.split("\n").map((one) => one.slice(indent!.length));
          examples.push(load(`${relative(ROOT, path)}:${line}`, lines.join("\n"), path));
        }
      }
    }
  }
  return await Promise.all(examples);
}

/** The files at a place that may have examples: the place itself, or what its directory has. */
async function filesOf(place: string): Promise<string[]> {
  if ((await Deno.stat(place)).isFile) return [place];
  const found = await Array.fromAsync(walk(place, { exts: [".ts", ".md"], includeDirs: false }));
  return found.map(({ path }) => path).sort();
}

/** The docstrings of a file, and where they are in it. */
function docstrings(text: string): { text: string; at: number }[] {
  return Array.from(
    text.matchAll(/\/\*\*.*?\*\//gs),
    ({ 0: docstring, index }) => ({ text: docstring, at: index }),
  );
}

/** Makes a module of an example: its imports, found from the place of `path`, and a function that is the rest. */
async function load(name: string, code: string, path: string): Promise<Example> {
  const imports: string[] = [];
  const rest = code.replaceAll(/^import\s[^;]*;$/gm, (statement) => {
    const whole = (specifier: string) => JSON.stringify(new URL(specifier, toFileUrl(path)).href);
    imports.push(statement.replace(/"(\.\.?\/[^"]*)"/, (_, specifier) => whole(specifier)));
    return "";
  });
  const text = `${imports.join("\n")}\nexport async function run(): Promise<void> {\n${rest}}\n`;
  const { run } = await import(`data:application/typescript;charset=utf-8,${encodeURIComponent(text)}`);
  return { name, run };
}
