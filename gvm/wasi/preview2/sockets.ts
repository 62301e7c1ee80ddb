import type { HostInterface } from "../../component/host.ts";
import { methodsOf } from "../components/resources.ts";
import { err, type Result } from "../components/result.ts";

/** The interfaces of `wasi:sockets` by their names in the package: they exist, and no socket is granted. */
export function socketInterfaces(): Record<string, HostInterface> {
  const denied = (): Result<never, string> => err("access-denied");
  return {
    "instance-network": { functions: { "instance-network": () => new Network() } },
    "ip-name-lookup": {
      functions: {
        "resolve-addresses": denied,
        ...methodsOf("resolve-address-stream", ["resolve-next-address", "subscribe"]),
      },
      resources: { "resolve-address-stream": {} },
    },
    network: {
      functions: { "network-error-code": (): undefined => undefined },
      resources: { network: {} },
    },
    tcp: { functions: methodsOf("tcp-socket", TCP_METHODS), resources: { "tcp-socket": {} } },
    "tcp-create-socket": { functions: { "create-tcp-socket": denied } },
    udp: {
      functions: {
        ...methodsOf("udp-socket", UDP_METHODS),
        ...methodsOf("incoming-datagram-stream", ["receive", "subscribe"]),
        ...methodsOf("outgoing-datagram-stream", ["check-send", "send", "subscribe"]),
      },
      resources: { "udp-socket": {}, "incoming-datagram-stream": {}, "outgoing-datagram-stream": {} },
    },
    "udp-create-socket": { functions: { "create-udp-socket": denied } },
  };
}

/** The resource `wasi:sockets/network.network`: the one that there is, which leads nowhere. */
class Network {}

const SOCKET_METHODS = [
  "start-bind",
  "finish-bind",
  "local-address",
  "remote-address",
  "address-family",
  "receive-buffer-size",
  "set-receive-buffer-size",
  "send-buffer-size",
  "set-send-buffer-size",
  "subscribe",
];

const TCP_METHODS = [
  ...SOCKET_METHODS,
  "start-connect",
  "finish-connect",
  "start-listen",
  "finish-listen",
  "accept",
  "is-listening",
  "set-listen-backlog-size",
  "keep-alive-enabled",
  "set-keep-alive-enabled",
  "keep-alive-idle-time",
  "set-keep-alive-idle-time",
  "keep-alive-interval",
  "set-keep-alive-interval",
  "keep-alive-count",
  "set-keep-alive-count",
  "hop-limit",
  "set-hop-limit",
  "shutdown",
];

const UDP_METHODS = [...SOCKET_METHODS, "stream", "unicast-hop-limit", "set-unicast-hop-limit"];
