import { assertEquals } from "@std/assert";
import { History } from "../../../../gvm/repl/terminal/history.ts";

function temporaryHome(): { home: string } & Disposable {
  const home = Deno.makeTempDirSync({ prefix: "ghost-history-" });
  return { home, [Symbol.dispose]: () => Deno.removeSync(home, { recursive: true }) };
}

Deno.test("lines are there in the next session, and the file is its owner's alone", () => {
  using place = temporaryHome();
  const first = History.open(place.home);
  first.add("math");
  first.add("math.add(1,2)");
  first.close();
  const second = History.open(place.home);
  assertEquals(second.lines, ["math", "math.add(1,2)"]);
  second.close();
  assertEquals(Deno.statSync(`${place.home}/history`).mode! & 0o777, 0o600);
});

Deno.test("a line is remembered once in a row, on one line, and not when it is empty", () => {
  using place = temporaryHome();
  const history = History.open(place.home);
  for (const line of ["math", "math", "", "   ", "math.add(1,\n2)", "math"]) history.add(line);
  assertEquals(history.lines, ["math", "math.add(1, 2)", "math"]);
  history.close();
});

Deno.test("two sessions at once add to the same file", () => {
  using place = temporaryHome();
  const sessions = [History.open(place.home), History.open(place.home)];
  sessions[0]!.add("one");
  sessions[1]!.add("two");
  sessions[0]!.add("three");
  for (const session of sessions) session.close();
  const next = History.open(place.home);
  assertEquals(next.lines, ["one", "two", "three"]);
  next.close();
});

Deno.test("the last thousand lines are kept, and a file that grew large is cut to them", () => {
  using place = temporaryHome();
  const path = `${place.home}/history`;
  const old = Array.from({ length: 3000 }, (_, i) => `line ${i} ${"x".repeat(500)}`);
  Deno.writeTextFileSync(path, `${old.join("\n")}\n`);
  const history = History.open(place.home);
  assertEquals(history.lines, old.slice(-1000));
  history.add("new");
  assertEquals([history.lines.length, history.lines.at(-1)], [1000, "new"]);
  history.close();
  assertEquals(Deno.readTextFileSync(path), [...old.slice(-1000), "new", ""].join("\n"));
});

Deno.test("without a store, or with something else in its place, it is kept in memory", () => {
  using place = temporaryHome();
  for (const home of [`${place.home}/nothing`, `${place.home}/file`]) {
    if (home.endsWith("file")) Deno.writeTextFileSync(home, "");
    const history = History.open(home);
    history.add("math");
    assertEquals(history.lines, ["math"]);
    history.close();
  }
  Deno.mkdirSync(`${place.home}/history`);
  const history = History.open(place.home);
  history.add("math");
  assertEquals(history.lines, ["math"]);
  history.close();
});

Deno.test("bytes that are no text harm nothing", () => {
  using place = temporaryHome();
  Deno.writeFileSync(`${place.home}/history`, new Uint8Array([0xff, 0x0a, 0x61, 0x0a, 0xc3]));
  const history = History.open(place.home);
  assertEquals(history.lines, ["\ufffd", "a", "\ufffd"]);
  history.close();
});
