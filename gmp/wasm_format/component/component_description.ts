import type { Primitive, TypeNode, TypeReference } from "../../types/component_types.ts";
import type { Signature, ValueType } from "../../types/signature.ts";
import type { BuiltIn, Lift, Lower } from "./canonical_definitions.ts";
import type { ByteRange, ExternalType } from "../module_description.ts";

export type * from "./canonical_definitions.ts";

/** The index spaces of core WebAssembly that a component has (component-model, "Index Spaces"). */
export type CoreSort =
  | "core func"
  | "core table"
  | "core memory"
  | "core global"
  | "core tag"
  | "core type"
  | "core module"
  | "core instance";

/** All index spaces of a component. */
export type Sort = CoreSort | "func" | "value" | "type" | "component" | "instance";

/** The definition with an index in the index space of a sort. */
export interface SortIndex<S extends Sort = Sort> {
  /** The index space. */
  readonly sort: S;
  /** The index in it. */
  readonly index: number;
}

/** A name with its attributes (component-model, binary `nameattributes`). */
export interface ExternalName {
  /** The name as it is compared, such as `"greet"`, `"[method]counter.next"` or `"wasi:io/streams@0.2"`. */
  readonly name: string;
  /** The interface that an instance of a plain name implements. */
  readonly implements?: string;
  /** What completes the version in the name, such as `".3"`. */
  readonly versionSuffix?: string;
  /** A name that some other system gave it. */
  readonly externalId?: string;
}

/** A value type with its parts: as in the type table, but a handle names its resource by a type index. */
export type DefinedType =
  | Primitive
  | Exclude<TypeNode, readonly ["own" | "borrow", string]>
  | readonly ["own" | "borrow", number];

/** The type of a function. */
export interface FunctionType {
  /** The parameters by name, in order; a number is a type index. */
  readonly parameters: readonly (readonly [name: string, type: TypeReference])[];
  /** The result; `null` if there is none. */
  readonly result: TypeReference | null;
  /** Whether it is declared `async`. */
  readonly async: boolean;
}

/** What a definition of a type says. */
export type TypeDefinition =
  | { readonly kind: "value"; readonly type: DefinedType }
  | { readonly kind: "func"; readonly type: FunctionType }
  | { readonly kind: "component"; readonly declarations: readonly Declaration[] }
  | { readonly kind: "instance"; readonly declarations: readonly Declaration[] }
  | {
    readonly kind: "resource";
    /** What represents it in the component that defines it. */
    readonly representation: ValueType;
    /** The core function that runs when its last handle is dropped. */
    readonly destructor?: number;
  };

/** A type of core WebAssembly; only function and module types are described further. */
export type CoreTypeDefinition =
  | { readonly kind: "func"; readonly type: Signature }
  | { readonly kind: "module"; readonly declarations: readonly ModuleDeclaration[] }
  /** A struct, an array, a subtype, or one of several types of a recursion group. */
  | { readonly kind: "other" };

/** A part of the type of a core module. */
export type ModuleDeclaration =
  & { readonly at: number }
  & (
    | {
      readonly kind: "import";
      readonly module: string;
      readonly name: string;
      readonly type: CoreExternalType;
    }
    | { readonly kind: "export"; readonly name: string; readonly type: CoreExternalType }
    | { readonly kind: "core type"; readonly type: CoreTypeDefinition }
    /** Of a core type, `count` scopes further out. */
    | { readonly kind: "outer alias"; readonly count: number; readonly index: number }
  );

/** As an import or export of a core module, but functions and tags name their type by its index. */
export type CoreExternalType =
  | { readonly kind: "function"; readonly type: number }
  | { readonly kind: "tag"; readonly type: number }
  | Exclude<ExternalType, { readonly kind: "function" | "tag" }>;

/** The type of an import or export (component-model, binary `externtype`); numbers are type indices. */
export type ExternType =
  | { readonly sort: "core module" | "func" | "component" | "instance"; readonly type: number }
  /** Equal to another type, or any resource. */
  | { readonly sort: "type"; readonly bound: { readonly equals: number } | "resource" }
  /** Equal to another value, by its index, or any value of a type. */
  | {
    readonly sort: "value";
    readonly bound: { readonly equals: number } | { readonly type: TypeReference };
  };

/** An alias: gives an index to something that is defined elsewhere. */
export type Alias =
  & { readonly kind: "alias"; readonly sort: Sort }
  & (
    | { readonly from: "export" | "core export"; readonly instance: number; readonly name: string }
    /** `count` scopes further out. */
    | { readonly from: "outer"; readonly count: number; readonly index: number }
  );

/** A core module that is part of the file. */
export interface CoreModule {
  readonly kind: "core module";
  /** Its bytes in the file. */
  readonly range: ByteRange;
}

/** An instance of core WebAssembly. */
export type CoreInstance =
  & { readonly kind: "core instance" }
  & (
    | {
      readonly from: "module";
      /** The index of the core module. */
      readonly module: number;
      /** The core instances that it imports from, by the name of the import. */
      readonly arguments: readonly { readonly name: string; readonly instance: number }[];
    }
    | {
      readonly from: "exports";
      /** What it exports. */
      readonly exports: readonly ({ readonly name: string } & SortIndex<CoreSort>)[];
    }
  );

/** An instance of a component. */
export type Instance =
  & { readonly kind: "instance" }
  & (
    | {
      readonly from: "component";
      /** The index of the component. */
      readonly component: number;
      /** What it imports. */
      readonly arguments: readonly ({ readonly name: string } & SortIndex)[];
    }
    | {
      readonly from: "exports";
      /** What it exports. */
      readonly exports: readonly (ExternalName & SortIndex)[];
    }
  );

/** A function that runs when the component is instantiated. */
export interface Start {
  readonly kind: "start";
  /** The index of the function. */
  readonly function: number;
  /** The indices of the values that it takes. */
  readonly arguments: readonly number[];
  /** How many values it defines. */
  readonly results: number;
}

/** A constant; its bytes can only be read with its type. */
export interface ValueDefinition {
  readonly kind: "value";
  readonly type: TypeReference;
  /** Where its bytes are in the file. */
  readonly range: ByteRange;
}

/** An import of a component or of its type. */
export interface Import extends ExternalName {
  readonly kind: "import";
  readonly type: ExternType;
}

/** An export of a component. */
export interface Export extends ExternalName, SortIndex {
  readonly kind: "export";
  /** The type that it is given, a supertype of its own. */
  readonly type?: ExternType;
}

/** An export in the type of a component or instance. */
export interface ExportDeclaration extends ExternalName {
  readonly kind: "export";
  readonly type: ExternType;
}

/** A definition of a type; it adds to the index space of types. */
export interface TypeEntry {
  readonly kind: "type";
  readonly type: TypeDefinition;
}

/** A definition of a core type; it adds to the index space of core types. */
export interface CoreTypeEntry {
  readonly kind: "core type";
  readonly type: CoreTypeDefinition;
}

/** Where something is in the file. */
export interface Located {
  /** The byte at which it starts. */
  readonly at: number;
}

/** A part of the type of a component, or, without imports, of an instance. */
export type Declaration = Located & (TypeEntry | CoreTypeEntry | Alias | Import | ExportDeclaration);

/** A component that is part of the file. */
export interface NestedComponent {
  readonly kind: "component";
  readonly component: ComponentDescription;
}

/**
 * One definition of a component. Each adds one to an index space, but for a start, which adds its results: an import and an export to
 * that of their sort, a lift to "func", a lower and a built-in to "core func", all others to the one they are called after.
 */
export type Definition =
  & Located
  & (
    | CoreModule
    | CoreInstance
    | CoreTypeEntry
    | NestedComponent
    | Instance
    | Alias
    | TypeEntry
    | Lift
    | Lower
    | BuiltIn
    | Start
    | Import
    | Export
    | ValueDefinition
  );

/** What a component says; made by `readComponent`. Indices are as in the file, not resolved and not checked. */
export interface ComponentDescription {
  /** Its bytes in the file. */
  readonly range: ByteRange;
  /** The definitions of all sections, in the file's order. */
  readonly definitions: readonly Definition[];
  /** The names of the custom sections, in the file's order; a name may repeat. */
  readonly customSections: readonly string[];
}
