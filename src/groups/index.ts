/** `inkwire/groups`: groups with virtual synchrony over the sessions of a messenger. Explicit re-exports, nothing else. */
export { Groups, groups } from './service.ts'
export { Group } from './group.ts'
export type { GroupDump } from './group-host.ts'
export type { GroupLoop } from './loop.ts'
export type { GroupOptions, QuorumOptions } from './options.ts'
export type { GroupState, StateParts } from './state.ts'
export type {
  GroupChange,
  GroupEnd,
  GroupEvent,
  GroupMessage,
  GroupTransition,
  GroupView,
  JoinedReason,
  LeftReason,
  MoveOptions,
  Order,
  Published,
  PublishInit,
  PublishOptions,
  Urgency,
} from './terms.ts'
