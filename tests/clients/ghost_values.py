"""Arguments and results of CALL and RESULT as bytes, written after docs/protocol.md: numbers, and every type of components.

A record is a dictionary, a list or tuple a list, flags a set of names; a case of a variant, enum, option or result is a
pair of its name and its payload: ("some", 7), ("none", None); a resource is its handle; for streams see ghost_streams.py.
"""
import struct

NUMBERS = dict(zip("i32 i64 f32 f64 bool s8 u8 s16 u16 s32 u32 s64 u64 char".split(), "iqfd?bBhHiIqQI"))


def arguments(function, args, streams):
    types = [type if isinstance(type, str) else type[1] for type in function["parameters"]]
    table = function.get("types"), streams
    return b"".join(write(table, type, value) for type, value in zip(types, args, strict=True))


def results(function, data, streams):
    rest = memoryview(data)
    if "types" in function:
        return read((function["types"], streams), function.get("result"), rest)[0]
    values = []
    for type in function["results"]:
        value, rest = read((None, streams), type, rest)
        values.append(value)
    return values


def pieces(table, element, values):
    """The bytes of `values`, the elements of a stream or the value of a future."""
    if element == "u8":
        yield from (bytes([value]) if isinstance(value, int) else value for value in values)
    else:
        yield from (write(table, element, value) if element is not None else b"\0" for value in values)


def elements(table, element, data):
    """What `pieces` made `data` of."""
    if element == "u8":
        yield data
        return
    data = memoryview(data)
    while data:
        value, data = read(table, element, data) if element is not None else (None, data[1:])
        yield value


def cases(kind, parts):
    """The names of the cases with the types of their payloads, and the form of their number."""
    named = {"option": lambda: [("none", None), ("some", parts[0])], "result": lambda: [*zip(("ok", "err"), parts)],
             "enum": lambda: [(name, None) for name in parts[0]], "variant": lambda: parts[0]}[kind]()
    return named, "<B" if len(named) <= 1 << 8 else "<H" if len(named) <= 1 << 16 else "<I"


def width(flags):
    return 1 if len(flags) <= 8 else 2 if len(flags) <= 16 else 4


def write(table, type, value):
    if type is None:
        return b""
    if type == "string":
        return struct.pack("<I", len(value.encode())) + value.encode()
    if isinstance(type, str):
        return struct.pack("<" + NUMBERS[type], ord(value) if type == "char" else value)
    kind, *parts = table[0][type]
    if kind in ("own", "borrow"):
        return struct.pack("<I", value)
    if kind in ("stream", "future"):
        values = value if kind == "stream" else [value]
        return struct.pack("<H", table[1].send(pieces(table, parts[0], values), kind == "future"))
    if kind == "flags":
        return sum(1 << i for i, name in enumerate(parts[0]) if name in value).to_bytes(width(parts[0]), "little")
    if kind == "record":
        return b"".join(write(table, of, value[name]) for name, of in parts[0])
    if kind == "tuple":
        return b"".join(write(table, of, one) for of, one in zip(parts[0], value, strict=True))
    if kind in ("list", "map"):
        items = [one for pair in value.items() for one in pair] if kind == "map" else value
        of = parts if kind == "map" else parts[:1]
        count = b"" if kind == "list" and parts[1:] else struct.pack("<I", len(value))
        return count + b"".join(write(table, of[i % len(of)], one) for i, one in enumerate(items))
    named, form = cases(kind, parts)
    number = [name for name, _ in named].index(value[0])
    return struct.pack(form, number) + write(table, named[number][1], value[1])


def read(table, type, data):
    """The value at the start of `data`, and what is behind it."""
    def number(form):
        nonlocal data
        size = struct.calcsize(form)
        value, data = struct.unpack(form, data[:size])[0], data[size:]
        return value

    def inner(of):
        nonlocal data
        value, data = read(table, of, data)
        return value

    def value():
        nonlocal data
        if type is None:
            return None
        if type == "string":
            length = number("<I")
            text, data = bytes(data[:length]).decode(), data[length:]
            return text
        if isinstance(type, str):
            return chr(number("<I")) if type == "char" else number("<" + NUMBERS[type])
        kind, *parts = table[0][type]
        if kind in ("own", "borrow"):
            return number("<I")
        if kind in ("stream", "future"):
            return table[1].receive(number("<H"), lambda data: elements(table, parts[0], data))
        if kind == "flags":
            bits = number({1: "<B", 2: "<H", 4: "<I"}[width(parts[0])])
            return {name for i, name in enumerate(parts[0]) if bits >> i & 1}
        if kind == "record":
            return {name: inner(of) for name, of in parts[0]}
        if kind == "tuple":
            return [inner(of) for of in parts[0]]
        if kind == "map":
            return {inner(parts[0]): inner(parts[1]) for _ in range(number("<I"))}
        if kind == "list":
            return [inner(parts[0]) for _ in range(parts[1] if parts[1:] else number("<I"))]
        named, form = cases(kind, parts)
        name, of = named[number(form)]
        return name, inner(of)

    return value(), data
