import { assert, assertEquals, assertMatch } from "@std/assert";
import { readModule } from "../../../gmp/wasm_format/module_reader.ts";
import { assertFails } from "../harness.ts";
import { PluginSession } from "./_plugin_session.ts";

/** The directory of a checkout of github.com/extism/extism. */
const SUITE = Deno.env.get("EXTISM_SUITE");

/** The names of its plug-ins, each used below. */
const PLUGINS = [
  "allocations",
  "code",
  "code-functions",
  "consume",
  "echo",
  "empty",
  "globals",
  "http",
  "http_headers",
  "loop",
  "read_write",
  "reflect",
  "unreachable",
  "upper",
];

if (SUITE === undefined) {
  console.log("Not running Extism's plug-ins: EXTISM_SUITE, a checkout of its repository, is not set");
}

function test(name: string, run: (session: PluginSession) => Promise<void>): void {
  Deno.test({
    name: `Extism's plug-ins: ${name}`,
    ignore: SUITE === undefined,
    async fn() {
      using session = new PluginSession();
      for (const name of PLUGINS) {
        session.modules.add(name, await Deno.readFile(`${SUITE}/wasm/${name}.wasm`));
      }
      await run(session);
    },
  });
}

// The names are those of Extism's own tests (runtime/src/tests, runtime/benches).

test("all of them are used here", async () => {
  const found: string[] = [];
  for await (const { name } of Deno.readDir(`${SUITE}/wasm`)) found.push(name.replace(/\.wasm$/, ""));
  assertEquals(found.sort(), PLUGINS);
});

test("it_works, test_toml_manifest, test_manifest_ptr_len, test_disable_cache", async (session) => {
  const count = async (input: string) =>
    JSON.parse((await session.plugin("code.count_vowels", input)).slice(4));
  assertEquals((await count("abc123")).count, 1);
  assertEquals((await count("this is a test aaa")).count, 7);
  const input = "aeiouAEIOU____________________________________&smtms_y?";
  assertEquals((await count(input.repeat(1182))).count, 11_820);
  assertEquals((await count(input)).total, 1 + 7 + 11_820 + 10, "the variable of all calls");
});

test("test_multiple_instantiations", async (session) => {
  for (let call = 0; call < 10_001; call++) {
    assertMatch(await session.plugin("code.count_vowels", "abc123"), /^ok: \{"count":1,/);
  }
});

test("test_globals", async (session) => {
  for (let call = 0; call < 10_001; call++) {
    assertEquals(await session.plugin("globals.globals"), `ok: {"count": ${call}}`);
  }
});

test("test_plugin_threads, test_threads", async (session) => {
  const calls = Array.from({ length: 30 }, () => session.plugin("code.count_vowels", "this is a test aaa"));
  for (const result of await Promise.all(calls)) assertMatch(result, /^ok: \{"count":7,/);
});

test("test_memory_max", async () => {
  for (const [pages, isEnough] of [[20, false], [64, true]] as const) {
    using session = new PluginSession({ memory: pages * 65_536 });
    session.modules.add("code", await Deno.readFile(`${SUITE}/wasm/code.wasm`));
    const call = session.plugin("code.count_vowels", "a".repeat(65_536 * 2));
    if (isEnough) assertMatch(await call, /^ok: \{"count":131072/);
    else await assertFails("MEMORY_LIMIT", call);
  }
});

test("test_http_not_allowed, test_http_response_headers_disabled", async (session) => {
  const request = '{"url": "https://extism.org", "headers": {}}';
  for (const name of ["http.http_request", "http_headers.http_get"]) {
    const { message } = await assertFails("TRAP", session.plugin(name, request));
    assertMatch(message, /HTTP request to "https:\/\/extism\.org" is refused: plug-ins have no network$/);
  }
});

test("without a program, its functions are missing", async (session) => {
  for (
    const [name, missing] of [["reflect.reflect", "host_reflect"], [
      "code-functions.count_vowels",
      "hello_world",
    ]]
  ) {
    const { message } = await assertFails("IMPORT_NOT_FOUND", session.plugin(name!, "abc"));
    assertMatch(
      message,
      new RegExp(`the function "extism:host/user"\\.${missing}\\(i64\\) -> i64, which nobody`),
    );
  }
});

test("test_fuzz_reflect_plugin, test_call_with_host_context, test_userdata, test_typed_plugin_macro", async () => {
  const seen: Uint8Array[] = [];
  const keep = (bytes: Uint8Array) => (seen.push(bytes), bytes);
  using session = new PluginSession({}, { "extism:host/user": { host_reflect: keep, hello_world: keep } });
  for (const name of PLUGINS) session.modules.add(name, await Deno.readFile(`${SUITE}/wasm/${name}.wasm`));
  for (let length = 1; length < 65_540; length += 97) {
    const input = "a".repeat(length);
    assertEquals(await session.plugin("reflect.reflect", input), `ok: ${input}`);
  }
  assertEquals(await session.plugin("code-functions.count_vowels", "a".repeat(1024)), 'ok: {"count": 1024}');
  assertEquals(new TextDecoder().decode(seen.at(-1)), '{"count": 1024}');
});

test("test_readonly_dirs: without a configuration there is no path", async (session) => {
  assertEquals(await session.plugin("read_write.try_read"), "err: Path not found in config");
  assertMatch(await session.plugin("read_write.try_write", "hello world 2"), /^err: /);
});

test("test_issue_620", async (session) => {
  assertMatch(await session.plugin("empty.test"), /^ok: /);
});

test("test_issue_775", async (session) => {
  const { message } = await assertFails("TRAP", session.call("unreachable.do_unreachable"));
  assertEquals(message, "unreachable.do_unreachable trapped: unreachable");
});

test("the plug-ins of its benches: echo, consume, allocations, upper", async (session) => {
  const input = "hello world! ".repeat(10_000);
  assertEquals(await session.plugin("echo.echo", input), `ok: ${input}`);
  assertMatch(await session.plugin("consume.consume", input), /^ok: /);
  assertMatch(await session.plugin("allocations.allocations"), /^ok: /);
  const { exports } = readModule(session.modules.bytesOf("upper"));
  assert(exports.some(({ name }) => name === "host_reflect"), "a module that other plug-ins import");
});
