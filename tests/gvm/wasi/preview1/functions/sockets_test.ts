import { assertEquals } from "@std/assert";
import { ERRNO } from "../../../../../gvm/wasi/host/errno.ts";
import { Host, ROOT } from "../../_host.ts";

Deno.test("no descriptor is a socket", () => {
  const host = new Host();
  for (const name of ["sock_accept", "sock_recv", "sock_send", "sock_shutdown"]) {
    for (const fd of [0, 1, ROOT, host.create(name)]) {
      assertEquals(host.call(name, fd, 0, 0, 0, 0, 0), ERRNO.NOTSOCK);
    }
    assertEquals(host.call(name, 99, 0, 0, 0, 0, 0), ERRNO.BADF);
  }
});
