import { assert, assertEquals } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { FetchedModules, type Take } from "../../../gpmd/store/fetched_modules.ts";
import { moduleOf, sha256, temporaryHome } from "../_modules.ts";

const SIZE = 1000;

/** A module and its hash. */
async function moduleWith(seed: number): Promise<{ bytes: Uint8Array<ArrayBuffer>; hash: string }> {
  const bytes = moduleOf(SIZE, seed);
  return { bytes, hash: await sha256(bytes) };
}

/** Sends `bytes` in two parts. */
function sending(bytes: Uint8Array) {
  return async (begin: (size: number) => Take): Promise<void> => {
    const take = begin(bytes.length);
    await take(bytes.subarray(0, 300));
    await take(bytes.subarray(300));
  };
}

async function read(fetched: FetchedModules, hash: string): Promise<Uint8Array | undefined> {
  const found = await fetched.get(hash);
  if (found === undefined) return undefined;
  using file = found.file;
  const bytes = new Uint8Array(found.size + 1);
  return bytes.slice(0, await file.read(bytes) ?? 0);
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return await promise.then(() => "ok", (error) => GhostError.from(error).code);
}

function filesIn(home: string): string[] {
  return Array.from(Deno.readDirSync(`${home}/fetched`), ({ name }) => name).sort();
}

Deno.test("a fetched module is there whole, also after another start, and is fetched once for all who ask", async () => {
  using place = temporaryHome();
  await Deno.mkdir(place.home, { recursive: true });
  const { bytes, hash } = await moduleWith(1);
  const fetched = await FetchedModules.open(place.home);
  let count = 0;
  const fetch = (begin: (size: number) => Take) => (count++, sending(bytes)(begin));
  await Promise.all([fetched.add(hash, fetch), fetched.add(hash, fetch)]);
  await fetched.add(hash, fetch); // whoever asked before it was here, and comes late
  assertEquals([count, await read(fetched, hash), fetched.size], [1, bytes, SIZE]);
  const again = await FetchedModules.open(place.home);
  assertEquals([await read(again, hash), again.size], [bytes, SIZE]);
});

Deno.test("nothing stays of a module that is cut short, has other bytes, or too many", async () => {
  using place = temporaryHome();
  await Deno.mkdir(place.home, { recursive: true });
  const { bytes, hash } = await moduleWith(1);
  const { bytes: others } = await moduleWith(2);
  const fetched = await FetchedModules.open(place.home);
  const cut = new GhostError("CONNECTION_LOST");
  assertEquals(await codeOf(fetched.add(hash, sending(others))), "HASH_MISMATCH");
  assertEquals(
    await codeOf(fetched.add(hash, async (begin) => {
      await begin(SIZE)(bytes.subarray(0, 300));
      throw cut;
    })),
    "CONNECTION_LOST",
  );
  assertEquals(
    await codeOf(fetched.add(hash, (begin) => begin(SIZE)(bytes.subarray(0, 300)))),
    "HASH_MISMATCH",
  );
  assertEquals(await codeOf(fetched.add(hash, (begin) => begin(SIZE - 1)(bytes))), "HASH_MISMATCH");
  assertEquals(await codeOf(fetched.add(hash, () => Promise.resolve())), "HASH_MISMATCH");
  assertEquals([filesIn(place.home), fetched.size], [[], 0]);
  // The next device begins anew, after what the one before has sent.
  await fetched.add(hash, async (begin) => {
    await begin(SIZE + 5)(others.subarray(0, 300));
    await sending(bytes)(begin);
  });
  assertEquals([await read(fetched, hash), fetched.size], [bytes, SIZE]);
});

Deno.test("those used longest ago go when there are too many, or too many bytes", async () => {
  for (const limits of [{ count: 3 }, { bytes: 3 * SIZE }]) {
    using place = temporaryHome();
    await Deno.mkdir(place.home, { recursive: true });
    const all = await Promise.all([1, 2, 3, 4, 5].map(moduleWith));
    const fetched = await FetchedModules.open(place.home, limits);
    const add = (i: number) =>
      fetched.add(all[i]!.hash, (begin) =>
        sending(all[i]!.bytes)((size) => {
          const take = begin(size);
          return async (bytes) => {
            await take(bytes);
            // Room is made before it is needed; one announces much and sends nothing.
            if (limits.bytes !== undefined) assert(fetched.size <= limits.bytes, `${fetched.size}`);
          };
        }));
    const there = () => Promise.all(all.map(async ({ hash }) => await read(fetched, hash) !== undefined));
    for (const i of [0, 1, 2]) await add(i);
    await read(fetched, all[0]!.hash);
    await add(3);
    assertEquals(filesIn(place.home), [0, 2, 3].map((i) => `${all[i]!.hash}.wasm`).sort());
    assertEquals(fetched.size, 3 * SIZE);
    await add(4);
    assertEquals(await there(), [true, false, false, true, true]);
  }
});

Deno.test("what a crash left is swept, and a file that was damaged meanwhile is not used", async () => {
  using place = temporaryHome();
  const directory = `${place.home}/fetched`;
  await Deno.mkdir(directory, { recursive: true });
  const [whole, damaged, short] = await Promise.all([1, 2, 3].map(moduleWith));
  await Deno.writeFile(`${directory}/half.tmp`, whole!.bytes);
  await Deno.writeFile(`${directory}/notes.txt`, whole!.bytes);
  await Deno.writeFile(`${directory}/${whole!.hash}.wasm`, whole!.bytes);
  await Deno.writeFile(`${directory}/${damaged!.hash}.wasm`, whole!.bytes);
  await Deno.writeFile(`${directory}/${short!.hash}.wasm`, short!.bytes.subarray(1));
  const fetched = await FetchedModules.open(place.home);
  assertEquals(await read(fetched, whole!.hash), whole!.bytes);
  const gone = await Promise.all([damaged!, damaged!, short!].map(({ hash }) => read(fetched, hash)));
  assertEquals([gone, fetched.size], [[undefined, undefined, undefined], SIZE]);
  assertEquals(filesIn(place.home), [`${whole!.hash}.wasm`, "notes.txt"].sort());
  await fetched.add(damaged!.hash, sending(damaged!.bytes));
  assertEquals(await read(fetched, damaged!.hash), damaged!.bytes);
});

Deno.test("one that goes while it is read is counted no more", async () => {
  using place = temporaryHome();
  await Deno.mkdir(place.home, { recursive: true });
  const [old, next] = await Promise.all([1, 2].map(moduleWith));
  const fetched = await FetchedModules.open(place.home, { bytes: SIZE });
  await fetched.add(old!.hash, sending(old!.bytes));
  let reading: Promise<unknown> | undefined;
  await fetched.add(next!.hash, async (begin) => {
    reading = read(fetched, old!.hash); // it waits for the system, and the file goes
    await sending(next!.bytes)(begin);
    await reading;
  });
  assertEquals([await read(fetched, old!.hash), fetched.size], [undefined, SIZE]);
});

Deno.test("a file that cannot be read is a STORE_FAULT, and is not left open", async () => {
  using place = temporaryHome();
  await Deno.mkdir(`${place.home}/fetched`, { recursive: true });
  const { bytes, hash } = await moduleWith(1);
  const path = `${place.home}/fetched/${hash}.wasm`;
  await Deno.writeFile(path, bytes);
  const fetched = await FetchedModules.open(place.home);
  await Deno.remove(path);
  await Deno.mkdir(path); // it can be opened, and not read
  assertEquals(await codeOf(read(fetched, hash)), "STORE_FAULT");
});
