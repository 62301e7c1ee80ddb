/** Write-backs in which something happens to everything that can, and what must be true of the directory afterwards. */
import type { Guest, Shown } from "../gvm/cli/host_files/_place.ts";

/** A directory, and what a guest does to its copy. */
interface WriteBackCase {
  readonly before: Shown;
  readonly after: Shown;
  does(guest: Guest): unknown;
}

const LARGE = "large".repeat(20_000);

/** Everything at once: what is moved, replaced, made, removed, and becomes something of another type. */
export const EVERYTHING: WriteBackCase = {
  before: {
    "a": "1",
    "b": "2",
    "dir": "/",
    "dir/deep": "/",
    "dir/deep/file": "deep",
    "dir/x": "x",
    "file": "becomes a directory",
    "gone": "/",
    "gone/more": "gone",
    "kept": "kept",
    "link": "-> kept",
    "precious": "precious",
    "to-link": "becomes a link",
    "was": "/",
    "was/in": "in a directory that becomes a file",
  },
  does: (guest) =>
    guest.directory("archive").move("precious", "archive/precious").move("a", "c").move("b", "a").move(
      "c",
      "b",
    )
      .move("dir", "archive/dir").move("file", "f").directory("file").move("f", "file/file").remove("gone")
      .move("was/in", "w").remove("was").move("w", "was").remove("link").directory("link").write(
        "link/in",
        "new",
      )
      .move("to-link", "moved").link("to-link", "moved").write("large", LARGE),
  after: {
    "a": "2",
    "archive": "/",
    "archive/dir": "/",
    "archive/dir/deep": "/",
    "archive/dir/deep/file": "deep",
    "archive/dir/x": "x",
    "archive/precious": "precious",
    "b": "1",
    "file": "/",
    "file/file": "becomes a directory",
    "kept": "kept",
    "large": LARGE,
    "link": "/",
    "link/in": "new",
    "moved": "becomes a link",
    "to-link": "-> moved",
    "was": "in a directory that becomes a file",
  },
};

/** The arguments of `tool.wasm` by which it does as much to a directory that it sees as `/w`, and what comes of it. */
export function commandCase(files: number): { before: Shown; after: Shown; steps: string[] } {
  const steps: string[] = [];
  const before: Shown = { ...EVERYTHING.before };
  const after: Shown = { ...EVERYTHING.after, "large": "", "many": "/" };
  const does = (command: string, ...paths: string[]) => steps.push(command, ...paths);
  does("directory", "/w/archive");
  for (
    const [from, to] of [["precious", "archive/precious"], ["a", "c"], ["b", "a"], ["c", "b"], [
      "dir",
      "archive/dir",
    ]]
  ) {
    does("rename", `/w/${from}`, `/w/${to}`);
  }
  does("rename", "/w/file", "/w/f");
  does("directory", "/w/file");
  does("rename", "/w/f", "/w/file/file");
  for (const path of ["gone/more", "gone", "link"]) does("remove", `/w/${path}`);
  does("rename", "/w/was/in", "/w/w");
  does("remove", "/w/was");
  does("rename", "/w/w", "/w/was");
  does("directory", "/w/link");
  does("write", "/w/link/in", "new");
  does("rename", "/w/to-link", "/w/moved");
  does("link", "moved", "/w/to-link");
  does("write", "/w/large", "");
  does("directory", "/w/many");
  for (let i = 0; i < files; i++) {
    before[`old-${i}`] = `old ${i}`;
    before[`removed-${i}`] = `removed ${i}`;
    does("rename", `/w/old-${i}`, `/w/many/${i}`);
    does("remove", `/w/removed-${i}`);
    does("write", `/w/new-${i}`, `new ${i}`);
    after[`many/${i}`] = `old ${i}`;
    after[`new-${i}`] = `new ${i}`;
  }
  return { before: sorted(before), after: sorted(after), steps };
}

function sorted(shown: Shown): Shown {
  return Object.fromEntries(Object.entries(shown).sort(([a], [b]) => compare(a, b)));
}

/** In the order of names, a directory before what is in it. */
function compare(a: string, b: string): number {
  const [one, other] = [a.split("/"), b.split("/")];
  const at = one.findIndex((name, i) => name !== other[i]);
  if (at < 0 || other[at] === undefined) return one.length - other.length;
  return one[at]! < other[at]! ? -1 : 1;
}

/** The texts of `before` and `after` that `now` has nowhere, whatever it is called; they are lost. */
export function lost(now: Shown, { before, after }: Pick<WriteBackCase, "before" | "after">): string[] {
  const texts = new Set(Object.values(now));
  const isLost = (text: string) => !texts.has(text);
  const missing = [Object.values(before).filter(isLost), Object.values(after).filter(isLost)];
  // All of the one tree is there, or all of the other.
  return missing.some(({ length }) => length === 0) ? [] : missing.flat();
}
