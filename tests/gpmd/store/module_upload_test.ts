import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { openHome } from "../../../gpmd/store/home.ts";
import { MAX_MODULE_SIZE } from "../../../gmp/messages/module.ts";
import { MAX_UPLOADS, ModuleStore } from "../../../gpmd/store/module_store.ts";
import type { ModuleAnnouncement } from "../../../gpmd/store/module_upload.ts";
import { ADD_MODULE, announce, moduleOf, put, read, storedFiles, temporaryHome } from "../_modules.ts";

/** The code that `action` fails with. */
async function codeOf(action: () => Promise<unknown>): Promise<string> {
  return (await assertRejects(action, GhostError)).code;
}

Deno.test("an upload in chunks of any size stores the same bytes", async () => {
  using place = temporaryHome();
  await openHome(place.home);
  await using store = await ModuleStore.open(place.home);
  const bytes = moduleOf(1_000, 3);
  for (const size of [1, 7, 512, 1_000]) {
    const upload = await store.begin(await announce("m", `v${size}.0.0`, bytes));
    for (let start = 0; start < bytes.length; start += size) {
      await upload.write(bytes.subarray(start, start + size));
    }
    assertEquals((await upload.commit()).unchanged, false);
    assertEquals(await read(store, "m", `v${size}.0.0`), bytes);
  }
});

Deno.test("bytes other than announced are refused and leave nothing", async () => {
  using place = temporaryHome();
  await openHome(place.home);
  await using store = await ModuleStore.open(place.home);
  const bytes = moduleOf(1000);
  const announcement = await announce("m", "v1.0.0", bytes);

  const shorter = await store.begin(announcement);
  await shorter.write(bytes.subarray(1));
  const error = await assertRejects(
    () => shorter.commit(),
    GhostError,
    "fewer than the announced 1000 bytes",
  );
  assertEquals(error.code, "HASH_MISMATCH");

  const longer = await store.begin(announcement);
  await longer.write(bytes);
  assertEquals(await codeOf(() => longer.write(bytes.subarray(0, 1))), "HASH_MISMATCH");
  assertEquals(await codeOf(() => longer.commit()), "BAD_REQUEST");

  const other = await store.begin(announcement);
  await other.write(moduleOf(1000, 1));
  assertEquals(await codeOf(() => other.commit()), "HASH_MISMATCH");

  assertEquals(storedFiles(place.home), []);
  assertEquals(store.list(), []);
});

Deno.test("what is no module is refused with the reason and leaves nothing", async () => {
  using place = temporaryHome();
  await openHome(place.home);
  await using store = await ModuleStore.open(place.home);
  const text = new TextEncoder().encode("not a module");
  const invalid = ADD_MODULE.slice();
  invalid[invalid.length - 2] = 0x7c;
  for (const bytes of [new Uint8Array(), text, ADD_MODULE.slice(0, -1), invalid]) {
    assertEquals(await codeOf(() => put(store, "m", "v1.0.0", bytes)), "NOT_A_MODULE");
  }
  const error = await assertRejects(() => put(store, "m", "v1.0.0", text), GhostError);
  assertStringIncludes(error.message, "text file");
  assertEquals(storedFiles(place.home), []);
});

Deno.test("an announcement is checked before anything is made of it", async () => {
  using place = temporaryHome();
  await openHome(place.home);
  await using store = await ModuleStore.open(place.home);
  const good = await announce("m", "v1.0.0", ADD_MODULE);
  const begin = (changes: object) => codeOf(() => store.begin({ ...good, ...changes } as ModuleAnnouncement));
  for (const name of ["../../x", "", "a/b", "M", 7, undefined]) {
    assertEquals(await begin({ name }), "INVALID_NAME");
    assertEquals(await begin({ version: name }), "INVALID_NAME");
  }
  for (const hash of ["", good.hash.slice(1), good.hash.toUpperCase(), undefined, 7]) {
    assertEquals(await begin({ hash }), "BAD_REQUEST");
  }
  for (const size of [-1, 1.5, NaN, "8", undefined]) assertEquals(await begin({ size }), "BAD_REQUEST");
  assertEquals(await begin({ size: MAX_MODULE_SIZE + 1 }), "PAYLOAD_TOO_LARGE");
  assertEquals(storedFiles(place.home), []);
});

Deno.test("an upload that is given up leaves nothing and takes no more", async () => {
  using place = temporaryHome();
  await openHome(place.home);
  await using store = await ModuleStore.open(place.home);
  const upload = await store.begin(await announce("m", "v1.0.0", ADD_MODULE));
  await upload.write(ADD_MODULE.subarray(0, 10));
  assertEquals(storedFiles(place.home).length, 1);
  await upload.abort();
  await upload.abort();
  assertEquals(storedFiles(place.home), []);
  assertEquals(await codeOf(() => upload.write(ADD_MODULE)), "BAD_REQUEST");
  assertEquals(await codeOf(() => upload.commit()), "BAD_REQUEST");
});

Deno.test("an upload is committed once", async () => {
  using place = temporaryHome();
  await openHome(place.home);
  await using store = await ModuleStore.open(place.home);
  const upload = await store.begin(await announce("m", "v1.0.0", ADD_MODULE));
  await upload.write(ADD_MODULE);
  const first = upload.commit();
  assertEquals(await codeOf(() => upload.commit()), "BAD_REQUEST");
  await upload.abort(); // too late to matter
  assertEquals((await first).module.version, "v1.0.0");
  assertEquals(await read(store, "m"), ADD_MODULE);
});

Deno.test("uploads at one time are counted, and each that ends makes room", async () => {
  using place = temporaryHome();
  await openHome(place.home);
  await using store = await ModuleStore.open(place.home);
  const announcement = await announce("m", "v1.0.0", ADD_MODULE);
  const uploads = await Promise.all(Array.from({ length: MAX_UPLOADS }, () => store.begin(announcement)));
  assertEquals(await codeOf(() => store.begin(announcement)), "TOO_MANY_REQUESTS");
  await uploads[0]!.abort();
  await codeOf(() => uploads[1]!.commit());
  await Promise.all([store.begin(announcement), store.begin(announcement)]);
  assertEquals(await codeOf(() => store.begin(announcement)), "TOO_MANY_REQUESTS");
});
