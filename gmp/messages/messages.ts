import type { Given, MapKind, Operation, Taken } from "./fields.ts";
import { EXECUTOR_OPERATIONS } from "./executor.ts";
import { GPMD_OPERATIONS } from "./gpmd.ts";
import { MODULE_OPERATIONS } from "./module.ts";
import { NODE_NOTICES, NODE_OPERATIONS } from "./node.ts";
import type { OperationName } from "./operations.ts";
import { PEER_NOTICES, PEER_OPERATIONS } from "./peer.ts";
import { SESSION_OPERATIONS } from "./session.ts";

/** What each operation's request and reply say: every name of {@linkcode OPERATIONS} is here, once. */
export const MESSAGES = {
  ...NODE_OPERATIONS,
  ...MODULE_OPERATIONS,
  ...GPMD_OPERATIONS,
  ...PEER_OPERATIONS,
  ...SESSION_OPERATIONS,
  ...EXECUTOR_OPERATIONS,
} satisfies Record<OperationName, Operation>;

/** What each notice says. */
export const NOTICES = { ...NODE_NOTICES, ...PEER_NOTICES };

/** Name of a notice. */
export type NoticeName = keyof typeof NOTICES;

type FieldsOf<Message> = Message extends MapKind<infer F> ? F : never;
type RequestFields<Name extends OperationName> = FieldsOf<typeof MESSAGES[Name]["request"]>;
type ReplyFields<Name extends OperationName> = FieldsOf<typeof MESSAGES[Name]["reply"]>;

/** What a program gives to ask operation `Name`. */
export type Request<Name extends OperationName> = Given<RequestFields<Name>>;
/** What whoever answers it gets. */
export type ReceivedRequest<Name extends OperationName> = Taken<RequestFields<Name>>;
/** What it gives for an answer. */
export type Reply<Name extends OperationName> = Given<ReplyFields<Name>>;
/** What the program gets. */
export type ReceivedReply<Name extends OperationName> = Taken<ReplyFields<Name>>;
/** What a program gives to tell notice `Name`. */
export type Notice<Name extends NoticeName> = Given<FieldsOf<typeof NOTICES[Name]>>;
/** What whoever hears it gets. */
export type ReceivedNotice<Name extends NoticeName> = Taken<FieldsOf<typeof NOTICES[Name]>>;
