import { assertEquals } from "@std/assert";
import { temporaryHome } from "../gpmd/_modules.ts";

const RECORDED = new URL("./_recorded.ts", import.meta.url).pathname;
const CALLS =
  "openat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,unlink,unlinkat,rmdir,write,writev," +
  "pwrite64,pwritev,copy_file_range,sendfile,ftruncate,truncate,fsync,fdatasync";

function hasStrace(): boolean {
  try {
    return new Deno.Command("strace", { args: ["-qq", "-o", "/dev/null", "true"] }).outputSync().success;
  } catch {
    return false;
  }
}

/** The calls below `home` that succeeded, one a line, as `_recorded.ts` prints what its recorder saw. */
function callsIn(trace: string, home: string): string[] {
  const unfinished = new Map<string, string>();
  return trace.split("\n").flatMap((line) => {
    const [, thread = "", rest = ""] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (rest.endsWith("<unfinished ...>")) {
      unfinished.set(thread, rest.slice(0, -"<unfinished ...>".length));
      return [];
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest);
    const call = resumed === null ? rest : unfinished.get(thread)! + resumed[1];
    const paths = [...call.matchAll(/[<"]([^<>"]*)[>"]/g)].map(([, path]) => path!)
      .filter((path) => path === home || path.startsWith(`${home}/`)).map((path) =>
        path.slice(home.length + 1)
      );
    const [, name = "", result = ""] = /^(\w+)\(.*\) += (-?\d+)/.exec(call) ?? [];
    if (paths.length === 0 || Number(result) < 0) return [];
    return asRecorded(name, paths, Number(result), call);
  });
}

function asRecorded(name: string, [path, to]: string[], result: number, call: string): string[] {
  switch (name) {
    case "openat":
      return call.includes("O_CREAT") ? [`create ${path}`] : [];
    case "mkdir":
      return path === "" ? [] : [`directory ${path}`];
    case "fsync":
      return path === "" || path === "modules" ? [`syncDirectory ${path}`] : [`sync ${path}`];
    case "write":
      return [`write ${path} ${result}`];
    case "ftruncate":
      return [`truncate ${path}`];
    case "rename":
      return [`rename ${path} ${to}`];
    case "linkat":
      return [`link ${path} ${to}`];
    case "unlink":
      return [`remove ${path}`];
    default:
      return [call]; // which was not recorded
  }
}

Deno.test({
  name: `what the power-cut simulation records are the system calls of the store${
    hasStrace() ? "" : " (no strace)"
  }`,
  ignore: !hasStrace(),
  fn: async () => {
    using place = temporaryHome();
    const trace = await Deno.makeTempFile({ prefix: "ghost-" });
    try {
      const { success, stdout } = await new Deno.Command("strace", {
        args: [
          ...["-f", "-qq", "-y", "-s", "0", "-e", `trace=${CALLS}`, "-o", trace],
          ...["deno", "run", "--no-check", "-A", RECORDED, place.home],
        ],
      }).output();
      assertEquals(success, true);
      const recorded = new TextDecoder().decode(stdout).trimEnd().split("\n");
      assertEquals(callsIn(await Deno.readTextFile(trace), place.home), recorded);
    } finally {
      await Deno.remove(trace);
    }
  },
});
