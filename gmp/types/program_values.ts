import { camelCase } from "./camel_case.ts";
import type { ComponentSignature, TypeNode, TypeReference } from "./component_types.ts";
import {
  type ElementList,
  type ElementLists,
  type PassedStream,
  promiseOf,
  readableOf,
} from "./element_lists.ts";

/** Makes a value for programs of one as it passes. */
type Mapper = (value: unknown) => unknown;

/**
 * Makes of a result with streams and futures as they pass, see {@linkcode PassedStream}, one with `ReadableStream`s and promises,
 * as programs have them; `undefined` if there can be none in it.
 */
export function programResult({ types, result }: ComponentSignature): Mapper | undefined {
  const mappers: (Mapper | undefined)[] = [];
  const of = (type: TypeReference | null | undefined) => typeof type === "number" ? mappers[type] : undefined;
  const isOption = (type: TypeReference) => typeof type === "number" && types[type]![0] === "option";
  for (const node of types) mappers.push(mapperOf(node, of, isOption));
  return of(result);
}

function mapperOf(
  node: TypeNode,
  of: (type: TypeReference | null | undefined) => Mapper | undefined,
  isOption: (type: TypeReference) => boolean,
): Mapper | undefined {
  switch (node[0]) {
    case "stream": {
      const [, element] = node;
      const lists = listsOf(of(element));
      return (value) => readableOf(lists(value as PassedStream), element);
    }
    case "future": {
      const lists = listsOf(of(node[1]));
      return (value) => promiseOf(lists(value as PassedStream));
    }
    case "list": {
      const element = of(node[1]);
      return element && ((value) => (value as unknown[]).map(element));
    }
    case "tuple": {
      const elements = node[1].map(of);
      return some(elements) &&
        ((value) => (value as unknown[]).map((one, i) => elements[i] === undefined ? one : elements[i](one)));
    }
    case "record": {
      const fields = node[1].map(([label, type]) => [camelCase(label), of(type)] as const);
      return some(fields.map(([, mapper]) => mapper)) && ((value) => {
        const record = { ...value as Record<string, unknown> };
        for (const [key, mapper] of fields) if (mapper !== undefined) record[key] = mapper(record[key]);
        return record;
      });
    }
    case "variant":
      return tagged(new Map(node[1].map(([label, type]) => [label, of(type)])));
    case "result":
      return tagged(new Map([["ok", of(node[1])], ["err", of(node[2])]]));
    case "option": {
      const inner = of(node[1]);
      if (isOption(node[1])) return tagged(new Map([["some", inner], ["none", undefined]]));
      return inner && ((value) => value === undefined ? value : inner(value));
    }
    case "map": {
      const inner = of(node[2]);
      return inner &&
        ((value) => new Map([...value as Map<unknown, unknown>].map(([key, one]) => [key, inner(one)])));
    }
    default:
      return undefined;
  }
}

function some(mappers: readonly unknown[]): true | undefined {
  return mappers.some((one) => one !== undefined) || undefined;
}

function tagged(cases: ReadonlyMap<string, Mapper | undefined>): Mapper | undefined {
  return some([...cases.values()]) && ((value) => {
    const { tag, val } = value as { tag: string; val?: unknown };
    const mapper = cases.get(tag);
    return mapper === undefined ? value : { tag, val: mapper(val) };
  });
}

/** The elements of a stream, each as programs have it. */
function listsOf(element: Mapper | undefined): (stream: PassedStream) => ElementLists {
  if (element === undefined) return (stream) => stream.lists();
  return (stream) => {
    const lists = stream.lists();
    return {
      async next() {
        const list = await lists.next();
        return list && Array.from(list, element) as ElementList;
      },
      cancel: (reason) => lists.cancel(reason),
    };
  };
}
