// What WASI 0.3 has otherwise than 0.2, called as a linker would call it; its streams are in streams_test.ts.
import { assertEquals, assertThrows } from "@std/assert";
import { GhostError } from "../../../../gmp/errors.ts";
import { Shared } from "../../../../gvm/component/copy_ends.ts";
import { HostFuture } from "../../../../gvm/component/host_future.ts";
import { Scheduler } from "../../../../gvm/component/scheduler.ts";
import { bytes, FOLLOW, Host, NO_OPEN_FLAGS, NO_PATH_FLAGS } from "../preview2/_host.ts";

const HTTP = "http/types";

/** A stream or a future that a guest has given away. */
class Given {
  drops = 0;
  drop(): void {
    this.drops++;
  }
}

Deno.test("error codes and types of files are variants", () => {
  const host = new Host({}, "0.3");
  const root = host.root();
  const file = host.create("file");
  assertEquals(host.file("get-type", file), { tag: "regular-file" });
  assertEquals((host.file("stat", root) as { type: unknown }).type, { tag: "directory" });
  assertEquals(host.fileError("stat-at", root, FOLLOW, "nothing"), { tag: "no-entry" });
  assertEquals(host.fileError("open-at", root, FOLLOW, "../up", NO_OPEN_FLAGS, {}), {
    tag: "not-permitted",
  });
  assertEquals(host.fileError("advise", root, 0n, 0n, "normal"), { tag: "bad-descriptor" });
});

/** What a future has, if it is settled. */
function valueOf(future: HostFuture): unknown {
  const shared = new Shared("future", null, new Scheduler());
  let values: unknown;
  const buffer = { length: 1, remaining: 1, read() {}, write: (sent: unknown) => void (values = sent) };
  future.sendBy(shared);
  shared.copy({ instance: undefined, isRead: true, buffer, copied() {}, done() {} });
  return (values as unknown[] | undefined)?.[0];
}

Deno.test("a file that is listed is an error, in either version", () => {
  const three = new Host({}, "0.3");
  const [, end] = three.call(
    "filesystem/types",
    "[method]descriptor.read-directory",
    three.create("file"),
  ) as [unknown, HostFuture];
  assertEquals(valueOf(end), { tag: "err", val: { tag: "not-directory" } });
  const two = new Host();
  assertEquals(two.fileError("read-directory", two.create("file")), "not-directory");
});

Deno.test("a time before 1970, or after the last one, is invalid", () => {
  const host = new Host({}, "0.3");
  const file = host.create("file");
  const at = (seconds: bigint, nanoseconds = 0) => ({ tag: "timestamp", val: { seconds, nanoseconds } });
  for (const time of [at(-1n), at(2n ** 62n), at(1n, 1e9)]) {
    assertEquals(host.fileError("set-times", file, time, time), { tag: "invalid" });
  }
  host.file("set-times", file, at(42n), { tag: "no-change" });
  const { dataAccessTimestamp } = host.file("stat", file) as Record<string, unknown>;
  assertEquals(dataAccessTimestamp, { seconds: 42n, nanoseconds: 0 });
});

Deno.test("what makes a file may write it, and a directory has the flags that were asked for", () => {
  const host = new Host({}, "0.3");
  const root = host.root();
  const flagsOf = (path: string, open: object, wanted: object) => {
    const opened = host.file("open-at", root, NO_PATH_FLAGS, path, { ...NO_OPEN_FLAGS, ...open }, {
      read: false,
      write: false,
      mutateDirectory: false,
      ...wanted,
    });
    const flags = host.file("get-flags", opened) as Record<string, boolean>;
    return Object.keys(flags).filter((name) => flags[name]).sort();
  };
  assertEquals(flagsOf("new", { create: true }, {}), ["read", "write"]);
  assertEquals(flagsOf("new", { create: true }, { write: true }), ["write"]);
  assertEquals(flagsOf("new", {}, {}), ["read"]);
  assertEquals(flagsOf(".", {}, {}), ["read"]);
  assertEquals(flagsOf(".", {}, { mutateDirectory: true }), ["mutateDirectory", "read"]);
});

Deno.test("what both versions open is counted together", () => {
  const host = new Host();
  const other = Object.assign(Object.create(host), { version: "0.3" }) as Host;
  const limit = 4096;
  for (let count = 0; count < limit / 2; count++) host.root();
  const [first] = Array.from({ length: limit / 2 }, () => other.root());
  assertThrows(() => host.root(), Error, "get-directories failed: mfile");
  assertThrows(() => other.root(), Error, "get-directories failed: mfile");
  other.drop("filesystem/types", "descriptor", first);
  host.root();
});

Deno.test("sockets and names are denied", () => {
  const host = new Host({}, "0.3");
  const denied = { tag: "access-denied" };
  assertEquals(host.err("sockets/types", "[static]tcp-socket.create", "ipv4"), denied);
  assertEquals(host.err("sockets/types", "[static]udp-socket.create", "ipv6"), denied);
  assertEquals(host.err("sockets/ip-name-lookup", "resolve-addresses", "localhost"), denied);
  assertThrows(() => host.call("sockets/types", "[method]tcp-socket.listen", {}), Error, "no tcp-socket");
});

Deno.test("a request is made like any other, and denied; whoever sends its body learns it", () => {
  const host = new Host({}, "0.3");
  for (const [where, name] of [["http/client", "send"], ["http/handler", "handle"]] as const) {
    const fields = host.call(HTTP, "[constructor]fields");
    host.ok(HTTP, "[method]fields.append", fields, "Accept", bytes("text/plain"));
    const [contents, trailers] = [new Given(), new Given()];
    const options = host.call(HTTP, "[constructor]request-options");
    const [request, sent] = host.call(
      HTTP,
      "[static]request.new",
      fields,
      contents,
      trailers,
      options,
    ) as [unknown, HostFuture];
    host.ok(HTTP, "[method]request.set-authority", request, "example.org:80");
    host.err(HTTP, "[method]request.set-authority", request, "example.org:what");
    const given = host.call(HTTP, "[method]request.get-options", request);
    assertEquals(host.err(HTTP, "[method]request-options.set-connect-timeout", given, 5n), {
      tag: "immutable",
    });
    const denied = { tag: "HTTP-request-denied" };
    assertEquals(host.err(where, name, request), denied);
    assertEquals(valueOf(sent), { tag: "err", val: denied });
    assertEquals([contents.drops, trailers.drops], [1, 1]);
  }
});

Deno.test("a request that is dropped was not sent; one may read its own body", () => {
  const host = new Host({}, "0.3");
  const make = (contents: unknown, trailers: unknown) => {
    const fields = host.call(HTTP, "[constructor]fields");
    return host.call(HTTP, "[static]response.new", fields, contents, trailers) as [
      unknown,
      HostFuture,
    ];
  };
  const [dropped, notSent] = make(undefined, new Given());
  host.drop(HTTP, "response", dropped);
  assertEquals((valueOf(notSent) as { tag: string }).tag, "err");

  const [contents, trailers] = [new Given(), new Given()];
  const [response, handled] = make(contents, trailers);
  const outcome = new HostFuture();
  const sent = new Shared("future", null, new Scheduler());
  outcome.sendBy(sent);
  const body = host.call(HTTP, "[static]response.consume-body", response, sent);
  assertEquals(body, [contents, trailers]);
  assertEquals(valueOf(handled), undefined);
  outcome.settle({ tag: "ok" });
  assertEquals(valueOf(handled), { tag: "ok" });
  assertEquals([contents.drops, trailers.drops], [0, 0]);
});

Deno.test("fields of a connection are forbidden, and all of a name are written as the first", () => {
  for (const version of ["0.2", "0.3"] as const) {
    const host = new Host({}, version);
    const fields = host.call(HTTP, "[constructor]fields");
    for (const name of ["Host", "connection", "TRANSFER-ENCODING"]) {
      assertEquals(host.err(HTTP, "[method]fields.append", fields, name, bytes("x")), { tag: "forbidden" });
    }
    host.ok(HTTP, "[method]fields.append", fields, "X-Y", bytes("1"));
    host.ok(HTTP, "[method]fields.append", fields, "x-y", bytes("2"));
    const all = host.call(HTTP, `[method]fields.${version === "0.2" ? "entries" : "copy-all"}`, fields);
    assertEquals(all, [["X-Y", bytes("1")], ["X-Y", bytes("2")]]);
  }
});

Deno.test("messages of both versions have one budget", () => {
  const host = new Host();
  const error = assertThrows(() => {
    for (const version of ["0.2", "0.3"]) {
      const one = Object.assign(Object.create(host), { version }) as Host;
      for (let count = 0; count < 21; count++) {
        const fields = one.call(HTTP, "[constructor]fields");
        one.ok(HTTP, "[method]fields.append", fields, "a", new Uint8Array(100_000).fill(97));
      }
    }
  }, GhostError);
  assertEquals(error.code, "MEMORY_LIMIT");
});
