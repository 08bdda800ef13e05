/** What a group machine tells its application, as facts of a history. */
import { viewKey } from '../../groups/machine/terms.ts'
import type { GroupAction } from '../../groups/machine/terms.ts'
import type { GroupHistory } from './history.ts'

/** Writes down what a machine told its application. */
export function record(history: GroupHistory, member: string, action: GroupAction): void {
  switch (action.kind) {
    case 'view': {
      const { view, transitional, left, joined } = action.change
      history.add({
        kind: 'view',
        member,
        view: viewKey(view.id),
        members: view.members,
        transitional,
        left: left.map(([id]) => id),
        joined: joined.map(([id]) => id),
      })
      return
    }
    case 'transitional':
      history.add({ kind: 'transitional', member, view: viewKey(action.view) })
      return
    case 'deliver': {
      const { from, number, view, isSafe, isTransitional, data } = action
      const digest = data.join()
      history.add({ kind: 'message', member, view: viewKey(view), from, number, digest, isSafe, isTransitional })
      return
    }
    case 'published':
      history.add({ kind: 'published', member, number: action.number, view: viewKey(action.view) })
      return
    case 'failed':
      history.add({ kind: 'failed', member, number: action.number, view: handedOverIn(action) })
      return
    case 'left':
      history.add({ kind: 'left', member })
      return
    case 'send':
    case 'fault':
      return
    default:
  }
}

/** Undefined: in no view. */
function handedOverIn({ view, isIndeterminate }: Extract<GroupAction, { kind: 'failed' }>): string | undefined {
  return isIndeterminate ? viewKey(view) : undefined
}
