import type { HostInterface } from "../../component/host.ts";
import { methodsOf } from "../components/resources.ts";
import { err } from "../components/result.ts";

/** The interfaces of `wasi:sockets` by their names in the package: they exist, and no socket is granted. */
export function socketInterfaces(): Record<string, HostInterface> {
  const denied = () => err({ tag: "access-denied" });
  return {
    types: {
      functions: {
        "[static]tcp-socket.create": denied,
        ...methodsOf("tcp-socket", TCP_METHODS),
        "[static]udp-socket.create": denied,
        ...methodsOf("udp-socket", UDP_METHODS),
      },
      resources: { "tcp-socket": {}, "udp-socket": {} },
    },
    "ip-name-lookup": { functions: { "resolve-addresses": denied } },
  };
}

const SOCKET_METHODS = [
  "bind",
  "connect",
  "send",
  "receive",
  "get-local-address",
  "get-remote-address",
  "get-address-family",
  "get-receive-buffer-size",
  "set-receive-buffer-size",
  "get-send-buffer-size",
  "set-send-buffer-size",
];

const TCP_METHODS = [
  ...SOCKET_METHODS,
  "listen",
  "get-is-listening",
  "set-listen-backlog-size",
  "get-keep-alive-enabled",
  "set-keep-alive-enabled",
  "get-keep-alive-idle-time",
  "set-keep-alive-idle-time",
  "get-keep-alive-interval",
  "set-keep-alive-interval",
  "get-keep-alive-count",
  "set-keep-alive-count",
  "get-hop-limit",
  "set-hop-limit",
];

const UDP_METHODS = [...SOCKET_METHODS, "disconnect", "get-unicast-hop-limit", "set-unicast-hop-limit"];
