import type { Given, MapKind, Operation, Taken } from "./fields.ts";
import { EXECUTOR_OPERATIONS, SESSION_OPERATIONS } from "./executor.ts";
import { DEVICE_NOTICES, DEVICE_OPERATIONS } from "./device.ts";
import { LINK_NOTICES, LINK_OPERATIONS } from "./link.ts";
import { GPMD_OPERATIONS, NODE_NOTICES, NODE_OPERATIONS } from "./gpmd.ts";
import { GRANT_OPERATIONS } from "./grants.ts";
import { MODULE_OPERATIONS } from "./module.ts";
import type { OperationName } from "./operations.ts";
import { PEER_NOTICES, PEER_OPERATIONS } from "./peer.ts";

/** The request and the reply of each operation: every name of {@linkcode OPERATIONS} is here, once. */
export const MESSAGES = {
  ...NODE_OPERATIONS,
  ...MODULE_OPERATIONS,
  ...GPMD_OPERATIONS,
  ...PEER_OPERATIONS,
  ...SESSION_OPERATIONS,
  ...EXECUTOR_OPERATIONS,
  ...DEVICE_OPERATIONS,
  ...LINK_OPERATIONS,
  ...GRANT_OPERATIONS,
} satisfies Record<OperationName, Operation>;

/** The fields of each notice. */
export const NOTICES = { ...NODE_NOTICES, ...PEER_NOTICES, ...DEVICE_NOTICES, ...LINK_NOTICES };

/** Name of a notice. */
export type NoticeName = keyof typeof NOTICES;

type FieldsOf<Message> = Message extends MapKind<infer F> ? F : never;
type RequestFields<Name extends OperationName> = FieldsOf<typeof MESSAGES[Name]["request"]>;
type ReplyFields<Name extends OperationName> = FieldsOf<typeof MESSAGES[Name]["reply"]>;

/** What a program sends to ask for operation `Name`. */
export type Request<Name extends OperationName> = Given<RequestFields<Name>>;
/** The request as the other side receives it. */
export type ReceivedRequest<Name extends OperationName> = Taken<RequestFields<Name>>;
/** What the other side answers. */
export type Reply<Name extends OperationName> = Given<ReplyFields<Name>>;
/** The reply as the program receives it. */
export type ReceivedReply<Name extends OperationName> = Taken<ReplyFields<Name>>;
/** What a program sends for notice `Name`. */
export type Notice<Name extends NoticeName> = Given<FieldsOf<typeof NOTICES[Name]>>;
/** The notice as the other side receives it. */
export type ReceivedNotice<Name extends NoticeName> = Taken<FieldsOf<typeof NOTICES[Name]>>;
