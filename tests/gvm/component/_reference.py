"""Compares cases of the engine, lines of JSON on standard input, with the reference implementation of the Canonical ABI, which is in
the directory that the first argument names: what values become in core WebAssembly and in memory, and what noise is read as."""
import json
import struct
import sys

sys.path.insert(0, sys.argv[1])
import definitions
from definitions import *

definitions.DETERMINISTIC_PROFILE = True
PRIMITIVES = {"bool": BoolType, "s8": S8Type, "u8": U8Type, "s16": S16Type, "u16": U16Type, "s32": S32Type, "u32": U32Type,
              "s64": S64Type, "u64": U64Type, "f32": F32Type, "f64": F64Type, "char": CharType, "string": StringType}
START = 16


def resolve(nodes):
    """What a reference to a type of the table is."""
    made = []

    def reference(one):
        return None if one is None else PRIMITIVES[one]() if isinstance(one, str) else made[one]

    for kind, *rest in nodes:
        if kind == "list":
            made.append(ListType(reference(rest[0]), rest[1] if len(rest) > 1 else None))
        elif kind == "record":
            made.append(RecordType([FieldType(label, reference(one)) for label, one in rest[0]]))
        elif kind == "tuple":
            made.append(TupleType([reference(one) for one in rest[0]]))
        elif kind == "variant":
            made.append(VariantType([CaseType(label, reference(one)) for label, one in rest[0]]))
        elif kind == "enum":
            made.append(EnumType(rest[0]))
        elif kind == "option":
            made.append(OptionType(reference(rest[0])))
        elif kind == "result":
            made.append(ResultType(reference(rest[0]), reference(rest[1])))
        elif kind == "flags":
            made.append(FlagsType(rest[0]))
        elif kind == "map":
            made.append(MapType(reference(rest[0]), reference(rest[1])))
    return reference


def number(text, integer, real):
    return float("nan") if text == "nan" else struct.unpack(real, struct.pack(integer, int(text)))[0]


def value_of(one, encoding):
    """A described value as the reference has it."""
    if one is None:
        return None
    if "integer" in one:
        return int(one["integer"])
    if "bool" in one:
        return one["bool"]
    if "f32" in one:
        return number(one["f32"], "<I", "<f")
    if "f64" in one:
        return number(one["f64"], "<Q", "<d")
    if "char" in one:
        return chr(one["char"])
    if "string" in one:
        text, units = one["string"], one["units"]
        if encoding == "utf8":
            return (text, encoding, len(text.encode()))
        return (text, encoding, units | (1 << 31 if encoding != "utf16" and not one["isLatin1"] else 0))
    if "list" in one:
        return [value_of(part, encoding) for part in one["list"]]
    if "parts" in one:
        return {label: value_of(part, encoding) for label, part in one["parts"]}
    return {one["tag"]: value_of(one["payload"], encoding)}


def plain(value, kind):
    """A value so that equal ones are equal: strings without their encoding, one NaN, maps with each key once."""
    kind = kind if isinstance(kind, MapType) else despecialize(kind)
    if isinstance(kind, MapType):
        last = {}
        for pair in value:
            last[plain(pair["0"], kind.k)] = plain(pair["1"], kind.v)
        return list(last.items())
    if isinstance(kind, (F32Type, F64Type)):
        return "nan" if value != value else struct.pack("<d", value)
    if isinstance(kind, StringType):
        return value[0]
    if isinstance(kind, ListType):
        return [plain(part, kind.t) for part in value]
    if isinstance(kind, RecordType):
        return [plain(value[field.label], field.t) for field in kind.fields]
    if isinstance(kind, VariantType):
        [(tag, payload)] = value.items()
        [case] = [case for case in kind.cases if case.label == tag]
        return [tag, None if case.t is None else plain(payload, case.t)]
    return value


class Context(LiftLowerContext):
    """Allocates as the engine's test does: one thing after the other."""
    end = START

    def reallocate(self, old, old_byte_length, alignment, new_byte_length):
        at = align_to(self.end, alignment)
        self.end = at + new_byte_length
        return at

    def allocate(self, alignment, byte_length):
        return self.reallocate(0, 0, alignment, byte_length)


def context(memory, encoding):
    options = CanonicalOptions()
    options.memory = MemInst(memory, "i32")
    options.string_encoding = encoding
    return Context(options, ComponentInstance(Store()))


def core_values(cx, values, kinds):
    flat = flatten_types(kinds, cx.opts)
    lowered = lower_flat_values(cx, 16, values, kinds)
    for kind, value in zip(["i32"] if len(flat) > 16 else flat, lowered, strict=True):
        if kind in ("f32", "f64"):
            real, integer = ("<f", "<I") if kind == "f32" else ("<d", "<Q")
            value = "nan" if value != value else struct.unpack(integer, struct.pack(real, value))[0]
        yield f"{kind} {value}"


def core_of(kind, text):
    return float(text) if kind in ("f32", "f64") else int(text) % 2 ** (32 if kind == "i32" else 64)


def compare(case):
    reference = resolve(case["types"])
    kinds = [reference(one) for one in case["parameters"]]
    encoding = case["encoding"]
    memory = bytearray(4 * 65536)
    core = list(core_values(context(memory, encoding), [value_of(one, encoding) for one in case["args"]], kinds))
    if core != case["core"]:
        return f"core values are {core}"
    if bytes(memory).rstrip(b"\0").hex() != case["memory"]:
        return "memory is another"
    for noise in case["noises"]:
        memory = bytearray(65536)
        bytes_of_noise = bytes.fromhex(noise["bytes"])
        memory[:len(bytes_of_noise)] = bytes_of_noise
        try:
            read = plain(load(context(memory, encoding), noise["at"], kinds[0]), kinds[0])
        except Trap:
            read = "a trap"
        ours = "a trap" if noise["value"] == "trap" else plain(value_of(noise["value"], encoding), kinds[0])
        if read != ours:
            return f"noise at {noise['at']} is {read}, not {ours}"
    types_of_core = [one.split(" ")[0] for one in core]
    for lift in case["lifts"]:
        memory = bytearray(65536)
        bytes_of_noise = bytes.fromhex(lift["bytes"])
        memory[:len(bytes_of_noise)] = bytes_of_noise
        given = [core_of(kind, text) for kind, text in zip(types_of_core, lift["core"], strict=True)]
        try:
            lifted = lift_flat_values(context(memory, encoding), 16, CoreValueIter(given), kinds)
            lifted = [plain(value, kind) for value, kind in zip(lifted, kinds, strict=True)]
        except Trap:
            lifted = "a trap"
        ours = "a trap" if lift["values"] == "trap" else [
            plain(value_of(value, encoding), kind) for value, kind in zip(lift["values"], kinds, strict=True)
        ]
        if lifted != ours:
            return f"core values {lift['core']} are {lifted}, not {ours}"
    return None


cases = 0
for line in sys.stdin.readlines():
    cases += 1
    difference = compare(json.loads(line))
    if difference is not None:
        print(f"case {cases}: {difference}: {line}")
        sys.exit(1)
print(cases)
