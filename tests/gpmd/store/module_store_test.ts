import {
  assert,
  assertEquals,
  assertLess,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { openHome } from "../../../gpmd/store/home.ts";
import { MESSAGES } from "../../../gmp/messages/messages.ts";
import { MAX_VERSIONS } from "../../../gpmd/store/module_index.ts";
import { ModuleStore } from "../../../gpmd/store/module_store.ts";
import {
  ADD_MODULE,
  announce,
  moduleOf,
  put,
  read,
  sha256,
  storedFiles,
  temporaryHome,
} from "../_modules.ts";

const POSIX = Deno.build.os !== "windows";
const NOON = Date.UTC(2026, 0, 2, 12);

/** A store in a home of its own, both gone at the end. */
async function temporaryStore(): Promise<{ home: string; store: ModuleStore } & AsyncDisposable> {
  const place = temporaryHome();
  await openHome(place.home);
  const store = await ModuleStore.open(place.home, () => NOON);
  return {
    home: place.home,
    store,
    async [Symbol.asyncDispose]() {
      await store.close();
      place[Symbol.dispose]();
    },
  };
}

Deno.test("a published module is on the disk as the index says", async () => {
  await using place = await temporaryStore();
  const { module, unchanged } = await put(place.store, "math", "v0.0.1", ADD_MODULE);
  const hash = await sha256(ADD_MODULE);
  const size = ADD_MODULE.length;
  const version = {
    version: "v0.0.1",
    file: "math-v0.0.1.wasm",
    hash,
    size,
    uploadedAt: "2026-01-02T12:00:00.000Z",
  };
  assertEquals([module, unchanged], [{ name: "math", ...version }, false]);
  assertEquals(storedFiles(place.home), ["ghost.modules.json", "math-v0.0.1.wasm"]);
  const index = JSON.parse(Deno.readTextFileSync(`${place.home}/modules/ghost.modules.json`));
  assertEquals(index, { format: 2, modules: { math: { name: "math", versions: { "v0.0.1": version } } } });
  assertEquals(Deno.readFileSync(`${place.home}/modules/math-v0.0.1.wasm`), ADD_MODULE);
  if (POSIX) {
    for (const path of ["", "/ghost.modules.json", "/math-v0.0.1.wasm"]) {
      assertEquals(Deno.lstatSync(`${place.home}/modules${path}`).mode! & 0o077, 0);
    }
  }
});

Deno.test("a store takes no more versions than a reply can list, and one of those that are there", async () => {
  using place = temporaryHome();
  await openHome(place.home);
  await (await ModuleStore.open(place.home)).close();
  const hash = await sha256(ADD_MODULE);
  const names = Array.from({ length: MAX_VERSIONS }, (_, i) => `m${i}`);
  const modules = Object.fromEntries(names.map((name) => {
    const version = "v0.0.1";
    const file = `${name}-${version}.wasm`;
    const uploadedAt = "2026-01-02T12:00:00.000Z";
    return [name, { name, versions: { [version]: { version, file, hash, size: 41, uploadedAt } } }];
  }));
  Deno.writeTextFileSync(`${place.home}/modules/ghost.modules.json`, JSON.stringify({ format: 2, modules }));
  await using store = await ModuleStore.open(place.home);
  const error = await assertRejects(() => put(store, "another", "v0.0.1", ADD_MODULE), GhostError, "30000");
  assertEquals(error.code, "PAYLOAD_TOO_LARGE");
  const { module, unchanged } = await put(store, "m7", "v0.0.1", ADD_MODULE);
  assertEquals(unchanged, true);
  const replies = [
    MESSAGES["module.list"].reply.encode({ modules: store.list() }),
    MESSAGES["module.remove"].reply.encode({ removed: names.map(() => module) }),
  ];
  for (const reply of replies) assertLess(valuesIn(reply), 200_000);
});

/** How many values `value` is, as a message counts them. */
function valuesIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  return Object.values(value).reduce((sum, one) => sum + valuesIn(one), 1);
}

Deno.test("a module is there after the daemon was started again", async () => {
  using place = temporaryHome();
  await openHome(place.home);
  const first = await ModuleStore.open(place.home);
  await put(first, "math", "v0.0.1", ADD_MODULE);
  const list = first.list();
  await first.close();
  await using second = await ModuleStore.open(place.home);
  assertEquals(second.list(), list);
  assertEquals(await read(second, "math"), ADD_MODULE);
});

Deno.test("the same bytes again change nothing and say so, other bytes are refused at once", async () => {
  await using place = await temporaryStore();
  const first = await put(place.store, "math", "v0.0.1", ADD_MODULE);
  const index = Deno.readTextFileSync(`${place.home}/modules/ghost.modules.json`);
  assertEquals(await put(place.store, "math", "v0.0.1", ADD_MODULE), { ...first, unchanged: true });
  assertEquals(Deno.readTextFileSync(`${place.home}/modules/ghost.modules.json`), index);
  const announcement = await announce("math", "v0.0.1", moduleOf(100));
  const error = await assertRejects(() => place.store.begin(announcement), GhostError);
  assertEquals([error.code, error.details], ["VERSION_EXISTS", { hash: first.module.hash }]);
  assertEquals(await read(place.store, "math"), ADD_MODULE);
});

Deno.test("of two uploads of one version at once one wins and the other is told", async () => {
  await using place = await temporaryStore();
  const contents = [moduleOf(300_000, 1), moduleOf(300_000, 2), moduleOf(300_000, 1), moduleOf(300_000, 2)];
  const uploads = await Promise.all(
    contents.map(async (bytes) => await place.store.begin(await announce("m", "v1.0.0", bytes))),
  );
  for (let start = 0; start < 300_000; start += 1000) {
    await Promise.all(uploads.map((upload, i) => upload.write(contents[i]!.subarray(start, start + 1000))));
  }
  const results = await Promise.allSettled(uploads.map((upload) => upload.commit()));
  const outcomes = results.map((result) =>
    result.status === "fulfilled" ? result.value.unchanged : result.reason.code
  );
  const winner = outcomes.indexOf(false); // whichever was checked first
  assertEquals([outcomes[winner], outcomes[(winner + 2) % 4]].sort(), [false, true]);
  assertEquals([outcomes[(winner + 1) % 4], outcomes[(winner + 3) % 4]], [
    "VERSION_EXISTS",
    "VERSION_EXISTS",
  ]);
  assertEquals(await read(place.store, "m"), contents[winner]);
  assertEquals(storedFiles(place.home), ["ghost.modules.json", "m-v1.0.0.wasm"]);
});

Deno.test("uploads of different modules at once are all stored", async () => {
  await using place = await temporaryStore();
  await Promise.all(
    Array.from({ length: 20 }, (_, i) => put(place.store, `m${i}`, "v1.0.0", moduleOf(1000, i))),
  );
  for (let i = 0; i < 20; i++) assertEquals(await read(place.store, `m${i}`), moduleOf(1000, i));
});

Deno.test("versions whose plain file names are the same keep their own bytes", async () => {
  await using place = await temporaryStore();
  const [one, other] = [moduleOf(100, 1), moduleOf(100, 2)];
  await Promise.all([
    put(place.store, "a-v1.0.0", "v2.0.0", one),
    put(place.store, "a", "v1.0.0-v2.0.0", other),
  ]);
  assertEquals([await read(place.store, "a-v1.0.0", "2.0.0"), await read(place.store, "a", "1.0.0-v2.0.0")], [
    one,
    other,
  ]);
  await place.store.remove("a-v1.0.0");
  assertEquals(await read(place.store, "a"), other);
});

Deno.test("the latest version is the highest, not the last uploaded", async () => {
  await using place = await temporaryStore();
  for (const [i, version] of ["v0.9.0", "v0.10.0", "0.0.1", "v0.10.0-nightly"].entries()) {
    await put(place.store, "m", version, moduleOf(100, i));
  }
  assertEquals(await read(place.store, "m"), moduleOf(100, 1));
  assertEquals(place.store.list(), [
    { name: "m", versions: ["v0.0.1", "v0.9.0", "v0.10.0-nightly", "v0.10.0"], latest: "v0.10.0" },
  ]);
});

Deno.test("unknown modules and versions are told with what there is", async () => {
  await using place = await temporaryStore();
  await put(place.store, "math", "v0.0.1", ADD_MODULE);
  const codeOf = (name: string, version?: string) =>
    assertThrows(() => place.store.get(name, version), GhostError).code;
  assertEquals(codeOf("maths"), "MODULE_NOT_FOUND");
  assertEquals(codeOf("math", "v0.0.2"), "VERSION_NOT_FOUND");
  assertEquals(codeOf("../../x"), "INVALID_NAME");
  assertEquals((await assertRejects(() => place.store.remove("maths"), GhostError)).code, "MODULE_NOT_FOUND");
  assertEquals(
    (await assertRejects(() => place.store.info("math", "9.0.0"), GhostError)).code,
    "VERSION_NOT_FOUND",
  );
});

Deno.test("info reads what the module offers", async () => {
  await using place = await temporaryStore();
  await put(place.store, "math", "v0.0.1", ADD_MODULE);
  const { module, description } = await place.store.info("math");
  assertEquals(module.version, "v0.0.1");
  assert("exports" in description);
  assertEquals(description.exports, [
    { name: "add", kind: "function", type: { parameters: ["i32", "i32"], results: ["i32"] } },
  ]);
});

Deno.test("a removed version is gone from index and disk, and its number is free", async () => {
  await using place = await temporaryStore();
  await put(place.store, "m", "v1.0.0", moduleOf(100, 1));
  await put(place.store, "m", "v2.0.0", moduleOf(100, 2));
  const { file } = place.store.get("m", "v2.0.0");
  assertEquals((await place.store.remove("m", "v2.0.0")).map(({ version }) => version), ["v2.0.0"]);
  assertEquals(storedFiles(place.home), ["ghost.modules.json", "m-v1.0.0.wasm"]);
  assertEquals(await read(place.store, "m"), moduleOf(100, 1));
  // Who was reading it reads on.
  assertEquals(new Uint8Array(await new Response(file.readable).arrayBuffer()), moduleOf(100, 2));
  await put(place.store, "m", "v2.0.0", moduleOf(100, 3));
  assertEquals(await read(place.store, "m"), moduleOf(100, 3));
  assertEquals((await place.store.remove("m")).map(({ version }) => version), ["v1.0.0", "v2.0.0"]);
  assertEquals([storedFiles(place.home), place.store.list()], [["ghost.modules.json"], []]);
});

Deno.test("a file that somebody changed is refused, and the same upload mends it", async () => {
  await using place = await temporaryStore();
  await put(place.store, "m", "v1.0.0", ADD_MODULE);
  const path = `${place.home}/modules/m-v1.0.0.wasm`;
  const damages: [damage: () => void, code: string, reason: string][] = [
    [() => Deno.truncateSync(path, 20), "HASH_MISMATCH", `its file has 20 bytes, not ${ADD_MODULE.length}`],
    [() => Deno.removeSync(path), "STORE_FAULT", "a file of the store is gone"],
  ];
  if (POSIX) {
    damages.push([
      () => {
        Deno.renameSync(path, `${place.home}/elsewhere`);
        Deno.symlinkSync(`${place.home}/elsewhere`, path);
      },
      "STORE_FAULT",
      "it is not a regular file",
    ]);
  }
  for (const [damage, code, reason] of damages) {
    damage();
    const error = assertThrows(() => place.store.get("m"), GhostError, reason);
    assertEquals(error.code, code);
    assertEquals((await put(place.store, "m", "v1.0.0", ADD_MODULE)).unchanged, true);
    assertEquals(await read(place.store, "m"), ADD_MODULE);
  }
});

Deno.test("a store is open once", async () => {
  await using place = await temporaryStore();
  const error = await assertRejects(() => ModuleStore.open(place.home), GhostError);
  assertEquals([error.code, error.details], ["GPMD_ALREADY_RUNNING", { pid: Deno.pid }]);
});

Deno.test("closing gives up what is not committed, finishes what is, and takes no more", async () => {
  await using place = await temporaryStore();
  const { store } = place;
  await store.begin(await announce("m", "v1.0.0", ADD_MODULE));
  const upload = await store.begin(await announce("m", "v2.0.0", ADD_MODULE));
  await upload.write(ADD_MODULE);
  const committed = upload.commit();
  const begun = store.begin(await announce("m", "v3.0.0", ADD_MODULE));
  await store.close();
  await store.close();
  assertEquals((await committed).module.version, "v2.0.0");
  await assertRejects(async () => await (await begun).write(ADD_MODULE), GhostError);
  await assertRejects(() => put(store, "m", "v4.0.0", ADD_MODULE), GhostError, "closed");
  await assertRejects(() => store.remove("m"), GhostError, "closed");
  assertEquals(storedFiles(place.home), ["ghost.modules.json", "m-v2.0.0.wasm"]);
  await using again = await ModuleStore.open(place.home);
  assertEquals(again.list().map(({ latest }) => latest), ["v2.0.0"]);
});

Deno.test("a corrupt index is refused by name, left as it is, and nothing is swept", async () => {
  using place = temporaryHome();
  await openHome(place.home);
  await using store = await ModuleStore.open(place.home);
  await put(store, "m", "v1.0.0", ADD_MODULE);
  await store.close();
  const path = `${place.home}/modules/ghost.modules.json`;
  const good = Deno.readTextFileSync(path);
  for (const text of ["", good.slice(0, -10), '{"$format":2}', good.replace("m-v1.0.0.wasm", "../secret")]) {
    Deno.writeTextFileSync(path, text);
    const error = await assertRejects(() => ModuleStore.open(place.home), GhostError);
    assertEquals(error.code, "STORE_FAULT");
    assertStringIncludes(error.message, `Cannot use the module index "${path}"`);
    assertEquals(Deno.readTextFileSync(path), text);
    assertEquals(storedFiles(place.home), ["ghost.modules.json", "m-v1.0.0.wasm"]);
  }
  Deno.writeTextFileSync(path, good);
  await using mended = await ModuleStore.open(place.home);
  assertEquals(await read(mended, "m"), ADD_MODULE);
});

Deno.test("strays of a crash are swept at start, what a person put there is not", async () => {
  using place = temporaryHome();
  await openHome(place.home);
  const before = await ModuleStore.open(place.home);
  await put(before, "m", "v1.0.0", ADD_MODULE);
  await before.close();
  const strays = [`${crypto.randomUUID()}.tmp`, "m-v2.0.0.wasm", "a~b-c.wasm"];
  const others = ["README", "mine.wasm", "notes-v1.txt"];
  for (const name of [...strays, ...others]) Deno.writeTextFileSync(`${place.home}/modules/${name}`, "");
  await using store = await ModuleStore.open(place.home);
  assertEquals(storedFiles(place.home), [...others, "ghost.modules.json", "m-v1.0.0.wasm"].sort());
  assertEquals(await read(store, "m"), ADD_MODULE);
});

Deno.test({
  name: "symbolic links in the place of the index or its directory are refused",
  ignore: !POSIX,
  fn: async () => {
    using place = temporaryHome();
    await openHome(place.home);
    const before = await ModuleStore.open(place.home);
    await put(before, "m", "v1.0.0", ADD_MODULE);
    await before.close();
    const [directory, index] = [`${place.home}/modules`, `${place.home}/modules/ghost.modules.json`];
    for (const path of [index, directory]) {
      Deno.renameSync(path, `${place.home}/elsewhere`);
      Deno.symlinkSync(`${place.home}/elsewhere`, path);
      const error = await assertRejects(
        () => ModuleStore.open(place.home),
        GhostError,
        `Cannot use "${path}"`,
      );
      assertEquals(error.code, "STORE_FAULT");
      Deno.removeSync(path);
      Deno.renameSync(`${place.home}/elsewhere`, path);
    }
    await (await ModuleStore.open(place.home)).close();
  },
});
