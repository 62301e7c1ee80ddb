import { walk } from "@std/fs/walk";
import { join } from "@std/path";

/**
 * Where the tests of a group lie, by what takes longest first: one that begins late has the others wait for it. A file
 * belongs to the most exact place; what lies nowhere else is in the last group.
 */
const PLACES = [
  "gvm/cli",
  "faults",
  "end_to_end",
  "gpmd/cli",
  "hostile",
  "gvm/node",
  "end_to_end/terminal",
  "gpmd/link",
  "gpmd",
  "gvm/executor",
  "gvm",
  "docs",
  "devices",
  "gvm/peers",
  "",
  "gmp",
  "gvm/calls",
];

/** Tests that run in one process. */
export interface TestGroup {
  /** The name of a file for them. */
  readonly name: string;
  /** The paths of the test files. */
  readonly files: readonly string[];
}

/** All tests of the project at `root`, in groups, by what takes longest first. */
export async function testGroups(root: string): Promise<TestGroup[]> {
  const groups = PLACES.map((place) => ({
    directory: join(root, "tests", place, "/"),
    name: place.replaceAll("/", "_") || "others",
    files: [] as string[],
  }));
  const mostExact = groups.toSorted((a, b) => b.directory.length - a.directory.length);
  for await (const { path } of walk(join(root, "tests"), { includeDirs: false })) {
    if (path.endsWith("_test.ts")) {
      mostExact.find(({ directory }) => path.startsWith(directory))!.files.push(path);
    }
  }
  return groups.map(({ name, files }) => ({ name, files: files.sort() })).filter(({ files }) =>
    files.length > 0
  );
}
