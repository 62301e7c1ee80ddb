#!/usr/bin/env python3
"""A client of Ghost Network in nothing but Python's standard library, written after docs/protocol.md.

    python3 ghost_client.py HOME GMP_PORT NODE

registers with the GPMD of the store HOME, discovers the nodes, fetches the module `math`, connects to NODE, calls
`math.add` and functions of the components `greeter` and `flows` there, and runs the module `greet`. It prints what it sees.
"""
import base64, contextlib, hashlib, hmac, os, socket, struct, sys, threading, uuid
from ghost_streams import CallStreams
from ghost_values import arguments, results

(CHALLENGE, PROOF, WELCOME, REQUEST, REPLY, ERROR, DATA, CALL, RESULT, CANCEL, NOTICE, PING, PONG,
 GOODBYE, CREDIT) = range(1, 16)
MORE, OUTPUT = 1, 2 | 4  # standard output and error
OPERATIONS = {"node.register": 1, "node.discover": 2, "node.locate": 3, "module.get": 4, "peer.connect": 32,
              "function.resolve": 48, "module.run": 49}
LARGEST_PAYLOAD, LARGEST_CALL = 1 << 25, 1 << 18


def pack(value):
    """MessagePack, as far as this client needs it."""
    if isinstance(value, int):
        return struct.pack(">Bi", 0xD2, value)
    if isinstance(value, str):
        return struct.pack(">BI", 0xDB, len(value.encode())) + value.encode()
    if isinstance(value, bytes):
        return struct.pack(">BI", 0xC6, len(value)) + value
    if isinstance(value, list):
        return struct.pack(">BI", 0xDD, len(value)) + b"".join(map(pack, value))
    return struct.pack(">BI", 0xDF, len(value)) + b"".join(pack(k) + pack(v) for k, v in value.items())


NUMBERS = dict(zip(range(0xCA, 0xD4), (">f", ">d", ">B", ">H", ">I", ">Q", ">b", ">h", ">i", ">q")))
LENGTHS = {**dict.fromkeys((0xC4, 0xD9), ">B"), **dict.fromkeys((0xC5, 0xDA, 0xDC, 0xDE), ">H"),
           **dict.fromkeys((0xC6, 0xDB, 0xDD, 0xDF), ">I")}


def unpack(data):
    """The one MessagePack map in `data`."""
    at = 0

    def take(count):
        nonlocal at
        at += count
        if at > len(data):
            raise ValueError("MessagePack is cut off")
        return data[at - count:at]

    def number(form):
        return struct.unpack(form, take(struct.calcsize(form)))[0]

    def value():
        kind = number("B")
        if kind <= 0x7F or kind >= 0xE0:
            return kind if kind <= 0x7F else kind - 0x100
        if kind in (0xC0, 0xC2, 0xC3):
            return None if kind == 0xC0 else kind == 0xC3
        if kind in NUMBERS:
            return number(NUMBERS[kind])
        length = number(LENGTHS[kind]) if kind >= 0xC0 else kind & (0x1F if kind >= 0xA0 else 0x0F)
        if kind <= 0x8F or kind in (0xDE, 0xDF):
            return {value(): value() for _ in range(length)}
        if kind <= 0x9F or kind in (0xDC, 0xDD):
            return [value() for _ in range(length)]
        return take(length) if kind in (0xC4, 0xC5, 0xC6) else take(length).decode()

    result = value()
    if at != len(data) or not isinstance(result, dict):
        raise ValueError("the payload is not one map")
    return result


class GhostError(Exception):
    """An ERROR of the other side: the body of the frame."""


class Connection:
    """An authenticated connection: part "Handshake", then frames."""

    def __init__(self, port, key, audience):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        self.last_id, self.streams = 0, {}
        self.socket.sendall(b"GMP\x02")
        challenge = unpack(self.answer(0, CHALLENGE))
        if challenge["role"] != (role := audience.split("/")[0]):
            raise ConnectionError(f"port {port} is not that of a {role}")
        name = "secret" if role == "gpmd" else "ticket:" + hashlib.sha256(key).digest()[:16].hex()
        ours, theirs, bound = os.urandom(16), challenge["nonce"], struct.pack("<H", port) + audience.encode()
        mac = hmac.digest(key, b"gmp/2 client" + theirs + ours + bound, "sha256")
        self.send(PROOF, payload=pack({"nonce": ours, "key": name, "mac": mac}))
        expected = hmac.digest(key, b"gmp/2 server" + ours + theirs + bound, "sha256")
        if not hmac.compare_digest(expected, unpack(self.answer(0, WELCOME))["mac"]):
            raise ConnectionError("the other side does not know the key")

    def send(self, kind, flags=0, operation=0, id=0, payload=b""):
        self.socket.sendall(struct.pack("<IBBHI", len(payload), kind, flags, operation, id) + payload)

    def read(self, count):
        if count > LARGEST_PAYLOAD or len(data := self.file.read(count)) < count:
            raise ConnectionError("the connection is broken")
        return data

    def receive(self):
        """The next frame that is an answer; keeps the connection alive meanwhile."""
        while True:
            length, kind, flags, number, id = struct.unpack("<IBBHI", self.read(12))
            payload = self.read(length)
            if number and kind in (DATA, ERROR, CANCEL, CREDIT):  # about a stream of a call
                if id in self.streams:
                    self.streams[id].take(kind, flags, number, payload)
                return None, 0, None, b""
            if kind == PING:
                self.send(PONG, id=id, payload=payload)
            elif kind == REQUEST:  # this client answers nothing
                self.send(ERROR, id=id, payload=pack({"code": "UNKNOWN_OPERATION", "message": "Not known here"}))
            elif kind == ERROR:
                raise self.failure(payload)
            elif kind == GOODBYE:
                raise ConnectionError("the other side said goodbye")
            elif kind != NOTICE:
                return kind, flags, id, payload

    def answer(self, id, wanted, output=None):
        """The payload of kind `wanted` for `id`; `output` takes DATA but for that of a RESULT, which belongs to it."""
        reply = None
        while True:
            kind, flags, about, payload = self.receive()
            if about == id and kind == wanted:
                reply = payload
            elif about == id and kind == DATA and wanted == RESULT and not flags & OUTPUT:
                reply += payload
            elif about == id and kind == DATA:
                output(payload)
            if reply is not None and not flags & MORE:
                return reply

    def request(self, operation, body, output=None, data=None):
        self.last_id = id = self.last_id + 1
        self.send(REQUEST, 0 if data is None else MORE, OPERATIONS[operation], id, pack(body))
        if data is not None:
            self.send(DATA, 0, 0, id, data)
        return unpack(self.answer(id, REPLY, output))

    def call(self, function, *args, output=None):
        self.last_id = id = self.last_id + 1
        streams = self.streams[id] = CallStreams(self, id)
        payload = struct.pack("<I", function["handle"]) + arguments(function, args, streams)
        for at in range(0, len(payload), LARGEST_CALL):
            more = MORE if at + LARGEST_CALL < len(payload) else 0
            self.send(DATA if at else CALL, more, id=id, payload=payload[at:at + LARGEST_CALL])
        return results(function, self.answer(id, RESULT, output), streams)

    def failure(self, payload):
        return GhostError(unpack(payload))

    def serve(self):
        """Answers the other side's PINGs for as long as the connection lives."""
        with contextlib.suppress(OSError, ValueError, GhostError):
            while True:
                self.receive()

    def close(self):
        self.send(GOODBYE)
        self.socket.close()


def main(home, gmp_port, node):
    show = lambda data: print(data.decode(), end="")
    with open(os.path.join(home, "secret"), "rb") as file:
        gpmd = Connection(int(gmp_port), file.read(), "gpmd/nodes")
    # A port that is held but not listened on: this client lets nobody in and runs nothing for others.
    door = socket.socket()
    door.bind(("127.0.0.1", 0))
    me = {"name": "python", "id": str(uuid.uuid4()), "port": door.getsockname()[1]}
    print("registered, generation", gpmd.request("node.register", me)["generation"])
    print("nodes:", *gpmd.request("node.discover", {})["names"])

    module = gpmd.request("module.get", {"name": "math"})
    binary = base64.b64decode(module["binary"])
    parts = []
    gpmd.request("module.get", {"name": "math", "encoding": "bytes"}, output=parts.append)
    same = hashlib.sha256(binary).hexdigest() == module["hash"] and b"".join(parts) == binary
    print("module", module["name"], module["version"], len(binary), "hash fits" if same else "hash differs")

    there = gpmd.request("node.locate", {"name": node})
    control = Connection(there["port"], there["ticket"], "node/" + there["id"])
    nowhere = {"executor": str(uuid.uuid4()), "address": {"loopback": me["port"]}, "ticket": os.urandom(32)}
    peer = control.request("peer.connect", {"name": me["name"], "id": me["id"], "place": nowhere})
    threading.Thread(target=control.serve, daemon=True).start()
    print("connected to", peer["name"])

    place = peer["place"]
    session = Connection(place["address"]["loopback"], place["ticket"], "executor/" + place["executor"])
    add = session.request("function.resolve", {"module": "math", "function": "add"})
    print("math.add", add["parameters"], add["results"])
    print("sum:", *session.call(add, 34, 34, output=show))
    greet, birthday = [session.request("function.resolve", {"module": "greeter", "function": name})
                       for name in ("greet", "birthday")]
    print(session.call(greet, "Ada"), len(session.call(greet, "x" * 500_000)))
    ada = {"name": "Ada", "age": 36, "email": ("none", None), "tags": ["x", "yz"], "balance": 12.5}
    print(session.call(birthday, ada))
    echo, words, double = [session.request("function.resolve", {"module": "flows", "function": name})
                           for name in ("echo", "words", "double")]
    print(b"".join(session.call(echo, [b"Hi ", b"Ada"])).decode(), sum(map(len, session.call(echo, [bytes(3_000_000)]))))
    print([len(word) for word in session.call(words, ["a b", "x" * 50_000, ""])], session.call(double, 21).value())
    run = session.request("module.run", {"module": "greet", "argv": ["Ada", "-"]}, output=show, data=b"Bob\nCai\n")
    print("exit code", run["exitCode"])
    try:
        session.request("function.resolve", {"module": "math", "function": "nothing"})
    except GhostError as error:
        print("refused:", error.args[0]["code"])
    for connection in (session, control, gpmd):
        connection.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
