import { assertEquals } from "@std/assert";
import { writeBack } from "../../../../gvm/cli/host_files/write_back.ts";
import { Guest, make, Place } from "./_place.ts";
import { claim, directory, file, link, refused } from "./_claims.ts";

Deno.test("what the guest did not see is neither replaced nor removed", async () => {
  using place = new Place({ "d": "/", "d/seen": "x", "e": "/", "e/seen": "x" });
  const made = "import os; os.mkfifo('pipe'); open(b'd/bad\\xff', 'w').write('mine')";
  await new Deno.Command("python3", { args: ["-c", made], cwd: place.host }).output();
  const pipe = new Guest(place.host).write("pipe", "x").write("other", "x");
  assertEquals(
    await refused(place, () => pipe.writeBack()),
    'Cannot write back "pipe": something is there that the module did not see: it is not a file, directory or link',
  );
  const replaced = new Guest(place.host).remove("d").write("d", "x");
  assertEquals(
    await refused(place, () => replaced.writeBack()),
    'Cannot write back "d": the directory there has "bad\ufffd", which the module did not see',
  );
  const { kept } = await new Guest(place.host).move("d", "f").remove("e").writeBack();
  assertEquals([...kept], [["d", "it has what the module did not see"]]);
  const names = new TextDecoder().decode(
    (await new Deno.Command("ls", { args: [`${place.host}/d`] }).output()).stdout,
  );
  assertEquals(names.includes("bad"), true);
  assertEquals(Object.keys(place.shown).filter((path) => !path.startsWith("d")), ["f", "f/seen", "pipe"]);
});

Deno.test("what something else changed meanwhile is not removed", async () => {
  using place = new Place({ "log": "1", "old": "/", "old/a": "1" });
  const guest = new Guest(place.host).remove("log").remove("old");
  Deno.writeTextFileSync(`${place.host}/log`, "longer");
  Deno.writeTextFileSync(`${place.host}/old/b`, "new");
  const { kept } = await guest.writeBack();
  assertEquals(Object.fromEntries(kept), {
    "log": "something else has changed it meanwhile",
    "old": "it has what the module did not see",
  });
  assertEquals(place.shown, { "log": "longer", "old": "/", "old/b": "new" });
});

Deno.test("what several make at once goes together, where it can", async () => {
  using place = new Place();
  const [a, b, c] = [1, 2, 3].map(() => new Guest(place.host));
  a!.directory("build").write("build/a", "a").write("build/same", "a");
  b!.directory("build").write("build/b", "b").write("build/same", "b");
  c!.write("build", "c");
  await Promise.all([a!.writeBack(), b!.writeBack()]);
  const { "build/same": same, ...shown } = place.shown;
  assertEquals([shown, ["a", "b"].includes(same!)], [{ "build": "/", "build/a": "a", "build/b": "b" }, true]);
  assertEquals(
    await refused(place, () => c!.writeBack()),
    'Cannot write back "build": something else has made a directory there meanwhile',
  );
});

Deno.test("several directories are written to together, or none is", async () => {
  using place = new Place({ "precious": "x" });
  const other = `${place.top}/other`;
  Deno.mkdirSync(other);
  const from = new Guest(place.host).remove("precious");
  const to = new Guest(other).write("precious", "x");
  const blocked = new Guest(other).write("blocked", "x");
  make(other, { "blocked": "/" });
  await refused(place, () => writeBack([from.changed, blocked.changed]));
  await writeBack([from.changed, to.changed]);
  assertEquals([place.shown, Deno.readTextFileSync(`${other}/precious`)], [{}, "x"]);
});

Deno.test("a directory that is given twice is written to twice", async () => {
  using place = new Place({ "a": "1" });
  const [one, two] = [new Guest(place.host).write("b", "2"), new Guest(place.host).remove("a")];
  await writeBack([one.changed, two.changed]);
  assertEquals(place.shown, { "b": "2" });
});

Deno.test("paths that no guest makes are refused", async () => {
  using place = new Place({ "out": "-> ../outside", "file": "x", "twice": "x" });
  for (
    const path of ["../outside/secret", "a/../../outside/secret", "..", ".", "", "/etc/passwd", "a//b", "a\0"]
  ) {
    for (const entry of [file(path), directory(path), link(path, "file")]) {
      await refused(place, () => claim(place, { written: [entry] }));
    }
    await claim(place, { removed: [path] });
  }
  for (
    const written of [
      [file("out/secret")],
      [directory("out/more")],
      [link("in", "."), file("in/a")],
      [file("file/a")],
      [file("none/a")],
      [file("a"), file("a")],
      [file(".gvm-0123456789abcdef-0")],
      [directory("a"), file("a/.gvm-0123456789abcdef.redo")],
    ]
  ) {
    await refused(place, () => claim(place, { written }));
  }
  await claim(place, { removed: ["out/secret", "none", "file/x"] });
});
