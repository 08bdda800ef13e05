/** What groups and remote buffers measure, as families of samples; of a layer that is not in use the families have none. */
import type { Family, Sample } from './metrics.ts'
import type { Snapshot } from './snapshot.ts'

type Groups = Snapshot['groups']
type Buffers = NonNullable<Snapshot['buffers']>

/** Per group, and summed over its members here where there are several. */
const OF_GROUPS: readonly (readonly [string, string, string, (group: Groups[number]) => number])[] = [
  ['group_members', '', 'Members of the view of now', ({ view }) => view.members.length],
  ['group_primary', '', 'Members here whose view may act for all', ({ view }) => (view.isPrimary ? 1 : 0)],
  [
    'group_unstable_messages',
    '',
    'Messages that are ordered, and not known to be with all',
    ({ unstable }) => unstable,
  ],
  [
    'group_unread_messages',
    '',
    'Messages that were told, and that the application has not taken',
    ({ unread }) => unread,
  ],
  ['group_unpublished_messages', '', 'Messages published here, and not told yet', ({ unpublished }) => unpublished],
  ['group_unpublished_bytes', 'bytes', 'Bytes of those messages', ({ unpublishedBytes }) => unpublishedBytes],
]

const OF_BUFFERS: readonly (readonly [string, string, string, keyof Buffers])[] = [
  ['buffers_registered', '', 'Buffers that are lent', 'registrations'],
  ['buffers_registered_bytes', 'bytes', 'Bytes of memory that is lent', 'registeredBytes'],
  ['buffer_transfers', '', 'Transfers of our buffers that are under way', 'transfers'],
  ['buffer_forwards', '', 'Buffers of others for which bytes are passed on', 'forwards'],
]

export function layerFamilies({ groups, buffers }: Pick<Snapshot, 'groups' | 'buffers'>): Family[] {
  const ofGroups = OF_GROUPS.map(([metric, unit, help, read]): Family => {
    const sums = new Map<string, number>()
    for (const group of groups) sums.set(group.group, (sums.get(group.group) ?? 0) + read(group))
    const samples = [...sums].map(([group, value]): Sample => ({ labels: { group }, value }))
    return { name: `inkwire_${metric}`, help, unit, type: 'gauge', samples }
  })
  const ofBuffers = OF_BUFFERS.map(([metric, unit, help, field]): Family => {
    const samples = buffers === null ? [] : [{ labels: {}, value: buffers[field] }]
    return { name: `inkwire_${metric}`, help, unit, type: 'gauge', samples }
  })
  return [...ofGroups, ...ofBuffers]
}
