import { assertEquals } from "@std/assert";
import { Directory } from "../../../../gvm/wasi/files/directory.ts";

function directory(...names: string[]): Directory {
  const made = new Directory(1n);
  names.forEach((name, index) => made.add(name, new Directory(BigInt(index + 2))));
  return made;
}

const names = (from: Directory, position?: number) => [...from.entries(position)].map(({ name }) => name);

Deno.test("entries are listed in the order they were added, from any position", () => {
  const made = directory("c", "a", "b");
  assertEquals(names(made), ["c", "a", "b"]);
  const positions = [...made.entries()].map(({ position }) => position);
  assertEquals(names(made, positions[1]), ["a", "b"]);
  assertEquals(names(made, positions[2]! + 1), []);
});

Deno.test("positions stay what they are while entries come and go", () => {
  const made = directory("a", "b", "c", "d");
  const [, , third] = [...made.entries()];
  made.remove("a");
  made.remove("c");
  made.add("e", new Directory(9n));
  made.add("a", new Directory(10n));
  assertEquals(names(made, third!.position), ["d", "e", "a"]);
});

Deno.test("a listing under way is not disturbed by changes", () => {
  const made = directory("a", "b", "c");
  const seen: string[] = [];
  for (const { name } of made.entries()) {
    seen.push(name);
    made.remove(name);
  }
  assertEquals(seen, ["a", "b", "c"]);
  assertEquals(made.isEmpty, true);
});

Deno.test("each entry is listed once by who reads one at a time and removes it, whatever is added meanwhile", () => {
  const made = directory("a", "b", "c", "d", "e", "f", "g");
  const seen: string[] = [];
  for (let position = 0;;) {
    const { done, value } = made.entries(position).next();
    if (done) break;
    seen.push(value.name);
    position = value.position + 1;
    made.remove(value.name);
    if (value.name === "b") made.remove("d");
    if (value.name === "c") made.add("b", new Directory(9n));
  }
  assertEquals(seen, ["a", "b", "c", "e", "f", "g", "b"]);
  assertEquals(names(made), []);
  made.add("h", new Directory(10n));
  assertEquals(names(made), ["h"]);
});
