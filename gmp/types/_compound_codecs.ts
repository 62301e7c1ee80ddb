import { MOST_LEAST } from "./_list_codecs.ts";
import type { NodeCodec } from "./_primitive_codecs.ts";
import { camelCase } from "./camel_case.ts";
import { Misfit, within } from "./misfit.ts";
import { quote } from "./quote.ts";
import { Cost, unreadable, type ValueReader } from "./value_reader.ts";
import type { ValueWriter } from "./value_writer.ts";

/** A field of a record, or a case of a variant, by its label. */
type Named<Codec> = readonly (readonly [label: string, codec: Codec])[];

/** A record: its fields one after another. In JavaScript an object with camelCase fields; those of options may be missing. */
export function recordCodec(fields: Named<NodeCodec>, mayMiss: boolean): NodeCodec {
  const keys = fields.map(([label]) => camelCase(label));
  const codecs = fields.map(([, codec]) => codec);
  const known = new Set(keys);
  return {
    least: sum(codecs),
    write: (out, value) => {
      if (!isObject(value)) throw new Misfit(value, "a record (an object)", "record");
      // A misspelt name of a field that may be missing would otherwise be lost.
      if (mayMiss) checkKeys(value, known, "record");
      let i = 0;
      try {
        for (; i < codecs.length; i++) codecs[i]!.write(out, fieldOf(value, keys[i]!));
      } catch (error) {
        throw within(error, `field ${quote(fields[i]![0])}`, keys[i]!);
      }
    },
    read: (from) => {
      from.charge(Cost.OBJECT + Cost.SLOT * keys.length);
      const record: Record<string, unknown> = {};
      for (let i = 0; i < keys.length; i++) record[keys[i]!] = codecs[i]!.read(from);
      return record;
    },
  };
}

/** A tuple: its parts one after another. In JavaScript an array. */
export function tupleCodec(codecs: readonly NodeCodec[]): NodeCodec {
  return {
    least: sum(codecs),
    write: (out, value) => {
      if (!Array.isArray(value)) throw new Misfit(value, "a tuple (an array)", "tuple");
      if (value.length !== codecs.length) {
        throw new Misfit(value, `a tuple of ${codecs.length} elements: it has ${value.length}`, "tuple");
      }
      let i = 0;
      try {
        for (; i < codecs.length; i++) codecs[i]!.write(out, value[i]);
      } catch (error) {
        throw within(error, `element ${i + 1}`, i);
      }
    },
    read: (from) => {
      from.charge(Cost.OBJECT + Cost.SLOT * codecs.length);
      return codecs.map((codec) => codec.read(from));
    },
  };
}

/** Flags: a bit for each, the first the lowest. In JavaScript an object of booleans; those that are missing are not set. */
export function flagsCodec(labels: readonly string[]): NodeCodec {
  const keys = labels.map(camelCase);
  const known = new Set(keys);
  const size = labels.length <= 8 ? 1 : labels.length <= 16 ? 2 : 4;
  const all = labels.length === 32 ? 0xffff_ffff : 2 ** labels.length - 1;
  return {
    least: size,
    write: (out, value) => {
      if (!isObject(value)) throw new Misfit(value, "flags (an object of booleans)", "flags");
      checkKeys(value, known, "flags");
      let bits = 0;
      for (let i = 0; i < keys.length; i++) {
        const flag = fieldOf(value, keys[i]!);
        if (flag === true) bits |= 1 << i;
        else if (flag !== false && flag !== undefined) throw wrongFlag(flag, labels[i]!, keys[i]!);
      }
      writeCase(out, size, bits >>> 0);
    },
    read: (from) => {
      const bits = readCase(from, size);
      if ((bits & ~all) !== 0) throw unreadable(`flags are ${bits}, and there are ${labels.length}`);
      from.charge(Cost.OBJECT + Cost.SLOT * keys.length);
      const flags: Record<string, boolean> = {};
      for (let i = 0; i < keys.length; i++) flags[keys[i]!] = (bits >>> i & 1) === 1;
      return flags;
    },
  };
}

/** An enum: the number of its case. In JavaScript the name of the case. */
export function enumCodec(labels: readonly string[]): NodeCodec {
  const size = discriminantSize(labels.length);
  const numbers = new Map(labels.map((label, number) => [label, number]));
  return {
    least: size,
    write: (out, value) => {
      const number = numbers.get(value as string);
      if (number === undefined) throw new Misfit(value, `a case of the enum (${listed(labels)})`, "enum");
      writeCase(out, size, number);
    },
    read: (from) => labels[readCase(from, size)] ?? refuseCase(labels.length),
  };
}

/** A variant: the number of its case, and its payload. In JavaScript `{ tag, val }`. */
export function variantCodec(cases: Named<NodeCodec | null>, type = "variant"): NodeCodec {
  const size = discriminantSize(cases.length);
  const numbers = new Map(cases.map(([label], number) => [label, number]));
  const labels = cases.map(([label]) => label);
  return {
    least: Math.min(size + Math.min(...cases.map(([, codec]) => codec?.least ?? 0)), MOST_LEAST),
    write: (out, value) => {
      if (!isObject(value)) throw new Misfit(value, `a ${type} (an object with tag and val)`, type);
      const { tag, val } = value;
      const number = numbers.get(tag as string);
      if (number === undefined) {
        throw within(new Misfit(tag, `a case of the ${type} (${listed(labels)})`, type), "tag", "tag");
      }
      writeCase(out, size, number);
      const codec = cases[number]![1];
      if (codec === null && val === undefined) return;
      try {
        if (codec === null) throw new Misfit(val, "undefined: the case has no payload", type);
        codec.write(out, val);
      } catch (error) {
        throw within(error, `case ${quote(labels[number]!)}`, "val");
      }
    },
    read: (from) => {
      const [tag, codec] = cases[readCase(from, size)] ?? refuseCase(cases.length);
      from.charge(Cost.OBJECT);
      return codec === null ? { tag } : { tag, val: codec.read(from) };
    },
  };
}

/** An option: 0, or 1 and the value. In JavaScript the value or `undefined`, unless the value is itself an option. */
export function optionCodec(codec: NodeCodec, isNested: boolean): NodeCodec {
  if (isNested) return variantCodec([["none", null], ["some", codec]], "option");
  return {
    least: 1,
    write: (out, value) => {
      const offset = out.take(1);
      const isNone = value === undefined || value === null;
      out.view.setUint8(offset, isNone ? 0 : 1);
      if (!isNone) codec.write(out, value);
    },
    read: (from) => {
      const number = readCase(from, 1);
      return number === 0 ? undefined : number === 1 ? codec.read(from) : refuseCase(2);
    },
  };
}

/** A resource: the u32 of its handle. In JavaScript an object that stands for it. */
export function resourceCodec(resource: string, isGiven: boolean): NodeCodec {
  const expected = `a ${resource} (a resource)`;
  return {
    least: 4,
    write: (out, value) => {
      const { resources } = out;
      if (!isObject(value) || resources?.knows(value, resource) !== true) {
        throw new Misfit(value, expected, resource);
      }
      const offset = out.take(4);
      const handle = resources.handleOf(value, resource, isGiven);
      out.view.setUint32(offset, handle, true);
      if (isGiven) out.given.push([value, handle]);
    },
    read: (from) => {
      const handle = from.u32();
      if (from.resources === undefined) throw unreadable(`there is no ${resource} here`);
      from.charge(Cost.OBJECT + Cost.TYPED_ARRAY);
      const value = from.resources.valueOf(handle, resource, isGiven);
      if (isGiven) from.taken.push([value, handle, resource]);
      return value;
    },
  };
}

function sum(codecs: readonly NodeCodec[]): number {
  return Math.min(codecs.reduce((total, { least }) => total + least, 0), MOST_LEAST);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** The field called `key`, but not what every object has under that name. */
function fieldOf(value: Record<string, unknown>, key: string): unknown {
  const field = value[key];
  return typeof field === "function" && !Object.hasOwn(value, key) ? undefined : field;
}

function checkKeys(value: Record<string, unknown>, known: ReadonlySet<string>, type: string): void {
  for (const key of Object.keys(value)) {
    if (known.has(key) || value[key] === undefined) continue;
    const expected = `a field of the ${type} (${listed([...known])})`;
    throw within(new Misfit(key, expected, type), `name ${quote(key)}`, key);
  }
}

function wrongFlag(flag: unknown, label: string, key: string): unknown {
  return within(new Misfit(flag, "a bool (true or false)", "bool"), `flag ${quote(label)}`, key);
}

/** Names for a message, not too many. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 10).join(", ");
  return names.length > 10 ? `${shown}, …` : shown;
}

function discriminantSize(cases: number): 1 | 2 | 4 {
  return cases <= 2 ** 8 ? 1 : cases <= 2 ** 16 ? 2 : 4;
}

function writeCase(out: ValueWriter, size: number, number: number): void {
  const offset = out.take(size);
  if (size === 1) out.view.setUint8(offset, number);
  else if (size === 2) out.view.setUint16(offset, number, true);
  else out.view.setUint32(offset, number, true);
}

function readCase(from: ValueReader, size: number): number {
  const offset = from.take(size);
  if (size === 1) return from.view.getUint8(offset);
  return size === 2 ? from.view.getUint16(offset, true) : from.view.getUint32(offset, true);
}

function refuseCase(cases: number): never {
  throw unreadable(`there are only ${cases} cases`);
}
