import { assert, assertEquals } from "@std/assert";
import { canonicalVersion } from "../../../gmp/names.ts";
import { ModuleIndex } from "../../../gpmd/store/module_index.ts";
import { ModuleStore } from "../../../gpmd/store/module_store.ts";
import { upgradeVersions } from "../../../gpmd/store/upgrade_versions.ts";
import { latestVersion } from "../../../gpmd/store/versions.ts";
import { gpmd } from "../../tools/gpmd_command.ts";
import { freePorts, startDaemon } from "../../tools/daemon_process.ts";
import { ADD_MODULE, moduleOf, put, read, storedFiles, temporaryHome } from "../_modules.ts";

/**
 * The modules of a store as it was written when any word was a version: by `put` of a store of that time, whose module of
 * seed N is `moduleOf(40, N)`.
 */
const STORED = new URL("../fixtures/modules_of_words", import.meta.url);
const LONG = "w".repeat(64);

/** Every version of it, the seed of its bytes, and what it is called today. */
const UPGRADED: [name: string, version: string, seed: number, now: string][] = [
  ["plain", "1.0.0", 1, "v1.0.0"],
  ["plain", "1.10.0-rc.1", 2, "v1.10.0-rc.1"],
  ["twice", "1.0.0", 3, "v1.0.0"],
  ["twice", "v1.0.0", 3, "v1.0.0"],
  ["both", "1.0.0", 4, "v0.0.0-1.0.0"],
  ["both", "v1.0.0", 5, "v1.0.0"],
  ["words", "build-9", 6, "v0.0.0-1.build-9"],
  ["words", "build-10", 7, "v0.0.0-2.build-10"],
  ["words", "nightly", 8, "v0.0.0-3.nightly"],
  ["odd", "01.", 12, "v0.0.0-1.x01"],
  ["odd", "a_b", 10, "v0.0.0-2.a-b"],
  ["odd", "a-b", 11, "v0.0.0-3.a-b"],
  ["odd", "v1", 9, "v0.0.0-4.v1"],
  ["odd", LONG, 14, `v0.0.0-5.${LONG.slice(0, 55)}`],
  ["odd", LONG.slice(1) + "x", 15, `v0.0.0-6.${LONG.slice(0, 55)}`],
  ["odd", "v0.0.1", 13, "v0.0.1"],
  ["a", "b-v1.0.0", 16, "v0.0.0-b-v1.0.0"],
  ["a-b", "v1.0.0", 17, "v1.0.0"],
  ["fine", "v0.0.1", 18, "v0.0.1"],
];

/** A home with that store, removed at the end. */
function storeOfWords(): { home: string } & Disposable {
  const place = temporaryHome();
  Deno.mkdirSync(`${place.home}/modules`, { recursive: true, mode: 0o700 });
  Deno.chmodSync(place.home, 0o700);
  Deno.chmodSync(`${place.home}/modules`, 0o700);
  for (const { name } of Deno.readDirSync(STORED)) {
    Deno.writeFileSync(`${place.home}/modules/${name}`, Deno.readFileSync(new URL(`${STORED}/${name}`)), {
      mode: 0o600,
    });
  }
  return place;
}

async function assertUpgraded(store: ModuleStore): Promise<void> {
  for (const [name, version, seed, now] of UPGRADED) {
    assertEquals(await read(store, name, now), moduleOf(40, seed), `${name}@${version}`);
  }
}

Deno.test("a store in which any word was a version is upgraded when it is opened, once, and loses nothing", async () => {
  using place = storeOfWords();
  const path = `${place.home}/modules/ghost.modules.json`;
  const first = await ModuleStore.open(place.home);
  await assertUpgraded(first);
  const renamed = UPGRADED.filter(([, version, , now]) => version !== now).map(([name, from, , to]) =>
    `${name} ${from} ${to} ${name === "twice"}`
  );
  const told = first.upgraded.map(({ name, from, to, merged }) => `${name} ${from} ${to} ${merged}`);
  assertEquals(told.sort(), renamed.sort());
  assertEquals(first.list().map(({ name, latest }) => `${name} ${latest}`), [
    ...["a v0.0.0-b-v1.0.0", "a-b v1.0.0", "both v1.0.0", "fine v0.0.1", "odd v0.0.1", "plain v1.10.0-rc.1"],
    ...["twice v1.0.0", "words v0.0.0-3.nightly"],
  ]);
  // Only the file of the version that there was twice is gone.
  assertEquals(storedFiles(place.home).length, UPGRADED.length);
  const text = Deno.readTextFileSync(path);
  await first.close();

  const second = await ModuleStore.open(place.home);
  assertEquals([second.upgraded, Deno.readTextFileSync(path)], [[], text]);
  await assertUpgraded(second);
  // It can be changed as any other: also where a file has the name of one that is still to come.
  await put(second, "a-b", "v0.0.0-v1.0.0", ADD_MODULE);
  await put(second, "plain", "1.0.0", moduleOf(40, 1));
  await second.remove("plain", "1.0.0");
  await put(second, "plain", "1.0.0", moduleOf(41, 1));
  await second.close();
  await using third = await ModuleStore.open(place.home);
  assertEquals(await read(third, "plain", "1.0.0"), moduleOf(41, 1));
  assertEquals(await read(third, "a", "v0.0.0-b-v1.0.0"), moduleOf(40, 16));
});

Deno.test("a daemon that is killed while it upgrades a store loses nothing either", async () => {
  using place = storeOfWords();
  const program = `const { ModuleStore } = await import(${
    JSON.stringify(import.meta.resolve("../../../gpmd/store/module_store.ts"))
  }); console.log("."); await ModuleStore.open(${
    JSON.stringify(place.home)
  }); console.log("opened"); setInterval(() => {}, 1000);`;
  for (let round = 0; round < 5; round++) {
    using copy = storeOfWords();
    const args = ["eval", "--quiet", "--config", "deno.json", program.replaceAll(place.home, copy.home)];
    const child = new Deno.Command("deno", { args, stdout: "piped", stderr: "inherit" }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    // At once, and later by a millisecond each.
    await new Promise((resolve) => setTimeout(resolve, round));
    child.kill("SIGKILL");
    await Promise.all([child.status, reader.cancel()]);
    await using store = await ModuleStore.open(copy.home);
    await assertUpgraded(store);
  }
});

Deno.test("the log tells what became of each version, and commands find it under its new name", async () => {
  using place = storeOfWords();
  await using daemon = await startDaemon({ home: place.home, ...freePorts() });
  const log = await gpmd(daemon.env, "logs", "--json");
  const lines = log.stdout.trim().split("\n").map((line) => JSON.parse(line));
  const of = (event: string) =>
    lines.filter((line) => line.event === event).map(({ name, from, to }) => `${name} ${from} ${to}`);
  assertEquals(of("version.merged"), ["twice 1.0.0 v1.0.0"]);
  assert(of("version.renamed").includes("words nightly v0.0.0-3.nightly"));
  assertEquals(of("version.renamed").length, 13);
  for (const version of ["1.0.0", "v1.0.0"]) {
    const { stdout } = await gpmd(daemon.env, "wasm", "info", `plain@${version}`, "--json");
    assertEquals(JSON.parse(stdout).version, "v1.0.0");
  }
});

Deno.test("whatever the words were, they become versions of their own, in their order, below all others", () => {
  const alphabet = [..."ab019._-", "v1.0.0", "dev."];
  for (let round = 0; round < 3000; round++) {
    const words = Array.from({ length: 5 }, () => {
      const text = Array.from({ length: 1 + round % 9 }, () => alphabet[Math.floor(Math.random() * 10)]).join(
        "",
      );
      return `${"a0"[round % 2]}${text}`.replaceAll(/\.{2,}/g, ".").slice(0, 64);
    });
    const stored = [...new Set([...words, "v0.0.1"])].map((version, i) => ({
      version,
      file: `m-${version}.wasm`,
      hash: `${i}`.repeat(64).slice(0, 64),
      size: 8,
      uploadedAt: "2026-01-02T03:04:05.000Z",
    }));
    const { versions } = upgradeVersions("m", stored);
    const names = versions.map(({ version }) => version);
    assertEquals(new Set(names).size, stored.length, `${stored.map(({ version }) => version)}`);
    assert(names.every((one) => canonicalVersion(one) === one), `${names}`);
    const index = ModuleIndex.parse(
      JSON.stringify({
        m: { name: "m", versions: Object.fromEntries(stored.map((one) => [one.version, one])) },
      }),
      "x",
    );
    assertEquals(index.list()[0]!.latest, latestVersion(names));
    assertEquals(ModuleIndex.parse(index.format(), "x").upgraded, []);
  }
});
