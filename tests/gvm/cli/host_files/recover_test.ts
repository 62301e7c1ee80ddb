import { assert, assertEquals } from "@std/assert";
import { hasJournal, recover, sweep } from "../../../../gvm/cli/host_files/recover.ts";
import { readTree } from "../../../../gvm/cli/host_files/read_tree.ts";
import { TreeBudget } from "../../../../gvm/cli/host_files/tree_budget.ts";
import { type Changed, writeBack } from "../../../../gvm/cli/host_files/write_back.ts";
import { SystemCalls } from "../../../faults/_system_calls.ts";
import { Guest, make, Place, show, withoutTemporaries } from "./_place.ts";

/** Writes back, and is killed before the first call that `isLast` tells. */
async function killed(root: string, changes: Changed[], isLast: (call: string) => boolean): Promise<void> {
  // What is done in which order is known from doing it to copies.
  const copies = `${root}-copies`;
  await new Deno.Command("cp", { args: ["-a", root, copies] }).output();
  const elsewhere = changes.map(({ tree, changes }) => ({
    tree: { ...readTree(tree.root.replace(root, copies), new TreeBudget(1 << 20)) },
    changes,
  }));
  let at: number;
  {
    using calls = new SystemCalls(copies);
    await writeBack(elsewhere);
    at = calls.made.findIndex(isLast);
  }
  Deno.removeSync(copies, { recursive: true });
  assert(at >= 0, "there is no such call");
  using _calls = new SystemCalls(root, { at, how: "killed" });
  await writeBack(changes).catch(() => {});
}

const isPut = (call: string) => /^renameSync \S+-0 /.test(call);
const FINISHED = "finished a write-back that was interrupted";

Deno.test("what was interrupted is finished, once", async () => {
  using place = new Place({ "a": "1", "b": "2" });
  await killed(place.top, [new Guest(place.host).write("a", "new").remove("b").changed], isPut);
  assertEquals([hasJournal(place.host), withoutTemporaries(place.shown)], [true, { "a": "1", "b": "2" }]);
  const told = await Promise.all([recover(place.host), recover(place.host)]);
  assertEquals(told.flat(), [FINISHED]);
  assertEquals([hasJournal(place.host), place.shown], [false, { "a": "new" }]);
});

Deno.test("what was changed after the interruption is not touched, nor anything else", async () => {
  using place = new Place({ "a": "1", "b": "2" });
  await killed(place.top, [new Guest(place.host).write("a", "new").write("b", "new").changed], isPut);
  Deno.writeTextFileSync(`${place.host}/b`, "mine");
  const before = place.shown;
  const [told] = await recover(place.host);
  assert(told?.includes('(Cannot write back "b": something else has changed it meanwhile)'), told);
  assert(told?.includes("remove them when they are not needed"), told);
  assertEquals(place.shown, before);
  // And nobody is kept from working there.
  await new Guest(place.host).write("c", "3").writeBack();
  assertEquals(withoutTemporaries(place.shown), { "a": "1", "b": "mine", "c": "3" });
});

Deno.test("several directories are finished together, or undone together, from whichever", async () => {
  for (
    const [isLast, isFinished] of [
      [(call: string) => call.startsWith("renameSync other/.gvm-"), false], // the journal of the second
      [(call: string) => /^removeSync \S+\/precious/.test(call), true],
    ] as const
  ) {
    for (const first of ["host", "other"]) {
      using place = new Place({ "precious": "x" });
      const other = `${place.top}/other`;
      Deno.mkdirSync(other);
      const changes = [
        new Guest(place.host).remove("precious").changed,
        new Guest(other).write("here", "x").changed,
      ];
      await killed(place.top, changes, isLast);
      const told = [
        ...await recover(`${place.top}/${first}`),
        ...await recover(place.host),
        ...await recover(other),
      ];
      const expected = isFinished ? [{}, { "here": "x" }] : [{ "precious": "x" }, {}];
      assertEquals([place.shown, withoutTemporaries(show(other))], expected);
      assertEquals(told, [isFinished ? FINISHED : "undid a write-back that was interrupted"]);
    }
  }
});

Deno.test("without one of the directories that were written to together nothing is done", async () => {
  using place = new Place({ "precious": "x" });
  const other = `${place.top}/other`;
  Deno.mkdirSync(other);
  const changes = [
    new Guest(place.host).remove("precious").changed,
    new Guest(other).write("here", "x").changed,
  ];
  await killed(place.top, changes, (call) => /^renameSync \S+-0 /.test(call));
  Deno.renameSync(other, `${place.top}/away`);
  const [told] = await recover(place.host);
  assert(told?.includes(`("${Deno.realPathSync(place.top)}/other" is not there)`), told);
  Deno.renameSync(`${place.top}/away`, other);
  assertEquals(await recover(place.host), [FINISHED]);
  assertEquals([place.shown, show(other)], [{}, { "here": "x" }]);
});

Deno.test("a journal that somebody made up does nothing to what is not its own", async () => {
  const id = "0123456789abcdef";
  const nowhere = { dev: 1, ino: 1, size: 1, modified: 1 };
  const file = { type: "file", identity: nowhere };
  const put = (path: string, before: unknown, number: unknown = 0) => ({
    path,
    number,
    after: nowhere,
    before,
  });
  for (
    const [puts, removals] of [
      [[], [{ path: "precious", before: file }]],
      [[], [{ path: "../outside/secret", before: file }]],
      [[], [{ path: "out/secret", before: file }]],
      [[put("precious", null)], []],
      [[put("precious", file)], []],
      [[put("../outside/secret", null)], []],
      [[put("out/secret", null)], []],
      [[put("precious", null, "/../../outside/secret")], []],
      [null, null],
    ]
  ) {
    using place = new Place({ "precious": "x", "out": "-> ../outside", [`.gvm-${id}-0`]: "theirs" });
    const group = [{ root: Deno.realPathSync(place.host), id }];
    make(place.host, { [`.gvm-${id}.redo`]: JSON.stringify({ group, puts, removals }) });
    await recover(place.host);
    assertEquals(withoutTemporaries(place.shown), { "precious": "x", "out": "-> ../outside" });
  }
  for (const group of [[{ root: "/", id: "../../etc" }], [{ root: "/etc", id }], [], undefined]) {
    using place = new Place({ "precious": "x" });
    make(place.host, { [`.gvm-${id}.redo`]: JSON.stringify({ group, puts: [], removals: [] }) });
    const [told] = await recover(place.host);
    assert(told?.startsWith("could not finish"), told);
  }
});

Deno.test({
  name: "somebody else's journal is not looked at",
  ignore: Deno.build.os === "windows" || Deno.uid() !== 0,
  fn: async () => {
    using place = new Place({ "a": "1" });
    await killed(
      place.top,
      [new Guest(place.host).remove("a").changed],
      (call) => call.startsWith("removeSync host/a"),
    );
    const journal = [...Deno.readDirSync(place.host)].find(({ name }) => name.endsWith(".redo"))!.name;
    Deno.chownSync(`${place.host}/${journal}`, 12345, 12345);
    assertEquals(await recover(place.host), []);
    assertEquals(withoutTemporaries(place.shown), { "a": "1" });
    Deno.chownSync(`${place.host}/${journal}`, 0, 0);
    assertEquals(await recover(place.host), [FINISHED]);
  },
});

Deno.test("what came to no journal is swept when it is old, and what belongs to one is not", async () => {
  using place = new Place({ "a": "1", "sub": "/" });
  await killed(place.top, [new Guest(place.host).write("sub/b", "2").changed], (call) => /draft/.test(call));
  await killed(place.top, [new Guest(place.host).write("sub/c", "3").changed], isPut);
  const sweepAll = (root: string, now?: number) =>
    sweep(root, readTree(root, new TreeBudget(1 << 20)).temporaries, now);
  const count = () => Object.keys(place.shown).filter((path) => path.startsWith("sub/.gvm-")).length;
  sweepAll(place.host);
  assertEquals(count(), 2, "another gvm may be writing it right now");
  const tomorrow = Date.now() + 25 * 60 * 60 * 1000;
  sweepAll(`${place.host}/sub`, tomorrow);
  assertEquals(count(), 1);
  sweepAll(place.host, tomorrow);
  assertEquals(count(), 1);
  assertEquals(await recover(place.host), [FINISHED]);
  assertEquals(place.shown, { "a": "1", "sub": "/", "sub/c": "3" });
});
