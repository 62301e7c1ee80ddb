import type { Context, Functions } from "../context.ts";
import { ERRNO, fail } from "../../host/errno.ts";

/** The group `sock_` of `wasi_snapshot_preview1.witx`. No descriptor is a socket, so all of them fail. */
export function socketFunctions({ descriptors }: Context): Functions {
  const notSocket = (fd: number): void => {
    descriptors.get(fd);
    fail(ERRNO.NOTSOCK);
  };
  return {
    /** `sock_accept`: fails. */
    sock_accept: notSocket,
    /** `sock_recv`: fails. */
    sock_recv: notSocket,
    /** `sock_send`: fails. */
    sock_send: notSocket,
    /** `sock_shutdown`: fails. */
    sock_shutdown: notSocket,
  };
}
