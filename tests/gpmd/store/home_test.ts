import { assertEquals, assertNotEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { readSecret } from "../../../gmp/device/secret.ts";
import { Grants } from "../../../gpmd/grants/grants.ts";
import { openHome } from "../../../gpmd/store/home.ts";
import { ModuleStore } from "../../../gpmd/store/module_store.ts";
import { ADD_MODULE, put, temporaryHome } from "../_modules.ts";

const POSIX = Deno.build.os !== "windows";

function modeOf(path: string): number {
  return Deno.lstatSync(path).mode! & 0o777;
}

/** The message of the `STORE_FAULT` that opening and reading both refuse `home` with. */
async function refusal(home: string): Promise<string> {
  const error = await assertRejects(() => openHome(home), GhostError);
  assertEquals(error.code, "STORE_FAULT");
  assertEquals((await assertRejects(() => readSecret(home, Deno), GhostError)).message, error.message);
  return error.message;
}

Deno.test("a new store belongs to its user alone and has a secret of its own", async () => {
  using one = temporaryHome();
  using other = temporaryHome();
  const secret = await openHome(one.home);
  assertEquals(secret.length, 32);
  assertNotEquals(secret, await openHome(other.home));
  assertEquals(Array.from(Deno.readDirSync(one.home), ({ name }) => name), ["secret"]);
  if (POSIX) assertEquals([modeOf(one.home), modeOf(`${one.home}/secret`)], [0o700, 0o600]);
});

Deno.test("a store keeps its secret, and clients read the same", async () => {
  using place = temporaryHome();
  const secret = await openHome(place.home);
  assertEquals(await openHome(place.home), secret);
  assertEquals(await readSecret(place.home, Deno), secret);
});

Deno.test("daemons that open a new store at once agree on the secret", async () => {
  using place = temporaryHome();
  const secrets = await Promise.all(Array.from({ length: 20 }, () => openHome(place.home)));
  for (const secret of secrets) assertEquals(secret, secrets[0]);
  assertEquals(Array.from(Deno.readDirSync(place.home), ({ name }) => name), ["secret"]);
});

Deno.test("a client of a store without a secret is told to start GPMD", async () => {
  using place = temporaryHome();
  const error = await assertRejects(() => readSecret(place.home, Deno), GhostError, "gpmd start");
  assertEquals(error.code, "GPMD_NOT_RUNNING");
  Deno.mkdirSync(place.home, { mode: 0o700 });
  assertEquals(
    (await assertRejects(() => readSecret(place.home, Deno), GhostError)).code,
    "GPMD_NOT_RUNNING",
  );
});

Deno.test({
  name: "a store or a secret that others may open is refused with the chmod that helps",
  ignore: !POSIX,
  fn: async () => {
    using place = temporaryHome();
    const { home } = place;
    await openHome(home);
    for (const mode of [0o755, 0o710, 0o701, 0o777]) {
      Deno.chmodSync(home, mode);
      const message = await refusal(home);
      assertStringIncludes(message, `its mode 0${mode.toString(8)} lets other users in`);
      assertStringIncludes(message, `chmod 700 "${home}"`);
    }
    Deno.chmodSync(home, 0o700);
    Deno.chmodSync(`${home}/secret`, 0o640);
    assertStringIncludes(await refusal(home), `chmod 600 "${home}/secret"`);
    Deno.chmodSync(`${home}/secret`, 0o600);
    await openHome(home);
  },
});

Deno.test({
  name: "symbolic links in the place of the store or the secret are refused",
  ignore: !POSIX,
  fn: async () => {
    using place = temporaryHome();
    const { home } = place;
    await openHome(home);
    Deno.renameSync(`${home}/secret`, `${home}/elsewhere`);
    Deno.symlinkSync(`${home}/elsewhere`, `${home}/secret`);
    assertStringIncludes(await refusal(home), `Cannot use "${home}/secret": it is a symbolic link`);
    Deno.symlinkSync(home, `${home}-link`);
    assertStringIncludes(await refusal(`${home}-link`), `Cannot use "${home}-link": it is a symbolic link`);
    Deno.symlinkSync(`${home}-nowhere`, `${home}-dangling`);
    const dangling = await assertRejects(() => openHome(`${home}-dangling`), GhostError);
    assertStringIncludes(dangling.message, "it is a symbolic link");
  },
});

Deno.test("a file in the place of the store, or a directory in that of the secret, is refused", async () => {
  using place = temporaryHome();
  const { home } = place;
  await openHome(home);
  Deno.removeSync(`${home}/secret`);
  Deno.mkdirSync(`${home}/secret`, { mode: 0o700 });
  assertStringIncludes(await refusal(home), "it is not a file");
  Deno.writeTextFileSync(`${home}-file`, "");
  const error = await assertRejects(() => openHome(`${home}-file`), GhostError);
  assertStringIncludes(error.message, "it is not a directory");
});

Deno.test("a secret of the wrong length is refused and left as it is", async () => {
  using place = temporaryHome();
  await openHome(place.home);
  Deno.writeFileSync(`${place.home}/secret`, new Uint8Array(31));
  assertStringIncludes(await refusal(place.home), "it has 31 bytes, not 32");
  assertEquals(Deno.readFileSync(`${place.home}/secret`).length, 31);
});

Deno.test({
  name: "a store of another user is refused",
  ignore: !POSIX || Deno.uid() !== 0, // only root can give a directory away
  fn: async () => {
    using place = temporaryHome();
    await openHome(place.home);
    Deno.chownSync(place.home, 65_534, null);
    const error = await assertRejects(() => openHome(place.home), GhostError);
    assertStringIncludes(error.message, `it belongs to user 65534, not to 0`);
  },
});

Deno.test("who has the store sweeps what a daemon left that died, and nobody else does", async () => {
  using place = temporaryHome();
  const { home } = place;
  const names = () => Array.from(Deno.readDirSync(home), ({ name }) => name).sort();
  await openHome(home);
  Deno.writeTextFileSync(`${home}/history`, "");
  Deno.writeTextFileSync(`${home}/left.tmp`, "");
  {
    await using _store = await ModuleStore.open(home);
    assertEquals(names(), ["gpmd.pid", "history", "modules", "secret"]);
    Deno.writeTextFileSync(`${home}/new.tmp`, ""); // as while it replaces a file
    await openHome(home);
    const error = await assertRejects(() => ModuleStore.open(home), GhostError);
    assertEquals(error.code, "GPMD_ALREADY_RUNNING");
    assertEquals(names(), ["gpmd.pid", "history", "modules", "new.tmp", "secret"]);
  }
});

Deno.test("who has lost the store, since its gpmd.pid was removed, changes nothing of who has it now", async () => {
  using place = temporaryHome();
  const { home } = place;
  await openHome(home);
  const first = await ModuleStore.open(home);
  const grants = await Grants.open(home, () => [], first.expectHeld);
  await put(first, "old", "v1.0.0", ADD_MODULE);
  Deno.removeSync(`${home}/gpmd.pid`);
  const lost = async (change: () => Promise<unknown>) => {
    const { code, message } = await assertRejects(change, GhostError);
    assertEquals(code, "STORE_FAULT");
    assertStringIncludes(message, "another GPMD may have it by now; start this one anew with: gpmd restart");
  };
  await lost(() => put(first, "new", "v1.0.0", ADD_MODULE)); // nobody else need have it already
  const second = await ModuleStore.open(home);
  await put(second, "other", "v1.0.0", ADD_MODULE);
  await lost(() => put(first, "new", "v1.0.0", ADD_MODULE));
  await lost(() => first.remove("old"));
  await lost(() => grants.remove({ subject: "local", what: ["ship"] }));
  await first.close();
  assertEquals((await assertRejects(() => ModuleStore.open(home), GhostError)).code, "GPMD_ALREADY_RUNNING");
  await second.close();
  await using third = await ModuleStore.open(home);
  assertEquals(third.list().map(({ name }) => name), ["old", "other"]);
  assertEquals(Array.from(Deno.readDirSync(home), ({ name }) => name).includes("grants.json"), false);
});
