import { assertEquals, assertRejects } from "@std/assert";
import { GhostError } from "../../../gmp/errors.ts";
import { openRegularFile, readRegularFile } from "../../../gmp/device/regular_file.ts";

const USE = { action: "load", limit: 1 << 20 } as const;

class Place implements Disposable {
  readonly path = Deno.makeTempDirSync({ prefix: "ghost-file-" });

  file(name: string, size: number): string {
    Deno.writeFileSync(`${this.path}/${name}`, new Uint8Array(0));
    Deno.truncateSync(`${this.path}/${name}`, size); // sparse
    return `${this.path}/${name}`;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

Deno.test("a file is read whole, to the last byte that it may have", async () => {
  using place = new Place();
  for (const size of [0, 1, USE.limit]) {
    assertEquals((await readRegularFile(place.file("f", size), USE)).length, size);
  }
});

Deno.test("a directory, a pipe, a device, a file that is too large, none at all: each is refused at once", async () => {
  using place = new Place();
  const pipe = `${place.path}/pipe`;
  assertEquals((await new Deno.Command("mkfifo", { args: [pipe] }).output()).success, true);
  const large = place.file("large", 2 ** 40);
  const cases: [string, string, string][] = [
    [place.path, "BAD_ARGUMENTS", "it is a directory"],
    [pipe, "BAD_ARGUMENTS", "it is not a regular file"],
    ["/dev/zero", "BAD_ARGUMENTS", "it is not a regular file"],
    [large, "PAYLOAD_TOO_LARGE", `it has ${2 ** 40} bytes, and may have ${USE.limit}`],
    [`${place.path}/none`, "BAD_ARGUMENTS", "it does not exist"],
  ];
  for (const [path, code, reason] of cases) {
    for (const read of [openRegularFile, readRegularFile]) {
      const error = await assertRejects(() => read(path, USE) as Promise<unknown>, GhostError);
      assertEquals([error.code, error.message], [code, `Cannot load "${path}": ${reason}`]);
    }
  }
});

Deno.test("a file that grows or shrinks while it is read is refused, having been read no further", async () => {
  using place = new Place();
  const path = place.file("f", 1 << 20);
  const open = Deno.open;
  for (const size of [2 ** 40, 10]) {
    Deno.truncateSync(path, 1 << 20);
    // The real file, changed right after it was looked at.
    Deno.open = async (...args) => {
      const file = await open(...args);
      const { read } = file;
      file.read = (buffer) => {
        Deno.truncateSync(path, size);
        return read.call(file, buffer);
      };
      return file;
    };
    try {
      const { code, message } = await assertRejects(() => readRegularFile(path, USE), GhostError);
      assertEquals([code, message], [
        "BAD_ARGUMENTS",
        `Cannot load "${path}": it was written to while it was read`,
      ]);
    } finally {
      Deno.open = open;
    }
  }
});

Deno.test("a file that becomes a pipe between the look and the opening is refused when it is open", async () => {
  using place = new Place();
  const path = place.file("f", 10);
  const open = Deno.open;
  Deno.open = () => open("/dev/zero");
  try {
    const error = await assertRejects(() => openRegularFile(path, USE), GhostError);
    assertEquals(error.message, `Cannot load "${path}": it is not a regular file`);
  } finally {
    Deno.open = open;
  }
});
