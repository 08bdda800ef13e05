/**
 * From the options of a factory to a frozen Policy: the one place that knows each option's range.
 *
 * The factories say what is particular to their kind: the defaults that differ, and the options that make no sense
 * there, each with the reason that a caller gets to read.
 */
import type { Backoff } from './backoff.ts'
import type { Keepalive } from './keepalive.ts'
import { LIMITS, QUEUE_MESSAGES_MAX, TIMER_MS_MAX } from './limits.ts'
import { badOption, choiceOption, describe, fraction, numberOption, optionObject, whole } from '../common/options.ts'
import { wholeOrInfinity } from '../common/options.ts'
import type { NumberRange } from '../common/options.ts'
import { brandPolicy } from './policy.ts'
import type { Budget, Policy, PolicyKind, PolicyOptions } from './policy.ts'

type OptionName = keyof PolicyOptions

/** What is particular to one kind. */
export interface PolicyKindRules {
  readonly kind: PolicyKind
  readonly standbyMs: number
  readonly probeMs: number
  /** Options that this kind refuses, with the reason. */
  readonly refused: Readonly<Partial<Record<OptionName, string>>>
}

const OPTION_NAMES: readonly OptionName[] = [
  'throttle',
  'window',
  'replay',
  'highWater',
  'standbyMs',
  'probeMs',
  'keepalive',
  'backoff',
  'connectTimeoutMs',
  'ackOn',
  'onReset',
  'concurrency',
  'bodies',
]

/** A budget in handlers' hands may be without bound; the queues of a connection may not. */
const THROTTLE_MESSAGES = wholeOrInfinity(1, QUEUE_MESSAGES_MAX)
const THROTTLE_BYTES = wholeOrInfinity(1, 2 ** 40)
const QUEUE_MESSAGES = whole(1, QUEUE_MESSAGES_MAX)
/** A message fits into the window, and its length into 31 bits. */
const WINDOW_BYTES = whole(1, 2 ** 31 - 1)
const REPLAY_BYTES = whole(1, 2 ** 40)
const DURATION_MS = whole(1, TIMER_MS_MAX)
const DURATION_OR_NEVER_MS = wholeOrInfinity(1, TIMER_MS_MAX)

/** A policy of the kind that `rules` describe. Throws INK_BAD_OPTION. */
export function resolvePolicy(rules: PolicyKindRules, options: PolicyOptions | undefined): Policy {
  const where = `${rules.kind}()`
  const given = optionObject(where, options, OPTION_NAMES)
  for (const name of OPTION_NAMES) {
    const reason = rules.refused[name]
    if (reason !== undefined && given[name] !== undefined) throw badOption(`${where} takes no ${name}: ${reason}`)
  }
  const path = (name: OptionName) => `${where} ${name}`
  return brandPolicy({
    kind: rules.kind,
    throttle: budget(path('throttle'), given['throttle'], THROTTLE_MESSAGES, THROTTLE_BYTES, LIMITS.throttle),
    window: budget(path('window'), given['window'], QUEUE_MESSAGES, WINDOW_BYTES, LIMITS.window),
    replay: budget(path('replay'), given['replay'], QUEUE_MESSAGES, REPLAY_BYTES, LIMITS.replay),
    highWater: numberOption(path('highWater'), given['highWater'], fraction(0.01, 1), LIMITS.highWater),
    standbyMs: numberOption(path('standbyMs'), given['standbyMs'], DURATION_OR_NEVER_MS, rules.standbyMs),
    probeMs: numberOption(path('probeMs'), given['probeMs'], DURATION_OR_NEVER_MS, rules.probeMs),
    keepalive: keepalive(path('keepalive'), given['keepalive']),
    backoff: backoff(path('backoff'), given['backoff']),
    connectTimeoutMs: numberOption(
      path('connectTimeoutMs'),
      given['connectTimeoutMs'],
      DURATION_MS,
      LIMITS.connectTimeoutMs,
    ),
    ackOn: choiceOption(path('ackOn'), given['ackOn'], ['processed', 'received'], 'processed'),
    onReset: choiceOption(path('onReset'), given['onReset'], ['hand-back', 'requeue'], 'hand-back'),
    concurrency: numberOption(path('concurrency'), given['concurrency'], QUEUE_MESSAGES, LIMITS.concurrency),
    bodies: choiceOption(path('bodies'), given['bodies'], ['keep', 'lend'], 'keep'),
  })
}

function budget(path: string, given: unknown, messages: NumberRange, bytes: NumberRange, fallback: Budget): Budget {
  const object = optionObject(path, given, ['messages', 'bytes'])
  return Object.freeze({
    messages: numberOption(`${path}.messages`, object['messages'], messages, fallback.messages),
    bytes: numberOption(`${path}.bytes`, object['bytes'], bytes, fallback.bytes),
  })
}

function keepalive(path: string, given: unknown): Keepalive {
  if (given === false) return Object.freeze({ intervalMs: Infinity, timeoutMs: Infinity })
  if (given === true) throw badOption(`${path} is on unless it is false; left out, it has its defaults`)
  const object = optionObject(path, given, ['intervalMs', 'timeoutMs'])
  const intervalMs = numberOption(`${path}.intervalMs`, object['intervalMs'], DURATION_MS, LIMITS.keepalive.intervalMs)
  const timeoutMs = numberOption(`${path}.timeoutMs`, object['timeoutMs'], DURATION_MS, LIMITS.keepalive.timeoutMs)
  if (timeoutMs <= intervalMs) {
    throw badOption(
      `${path}.timeoutMs must be greater than intervalMs, or no answer can come in time; ` +
        `got ${timeoutMs} and ${intervalMs}: set both, three intervals are usual`,
    )
  }
  return Object.freeze({ intervalMs, timeoutMs })
}

function backoff(path: string, given: unknown): Backoff {
  const object = optionObject(path, given, ['firstMs', 'maxMs', 'jitter'])
  const firstMs = numberOption(`${path}.firstMs`, object['firstMs'], DURATION_MS, LIMITS.backoff.firstMs)
  const maxMs = numberOption(`${path}.maxMs`, object['maxMs'], DURATION_MS, LIMITS.backoff.maxMs)
  const jitter = numberOption(`${path}.jitter`, object['jitter'], fraction(0, 1), LIMITS.backoff.jitter)
  if (maxMs < firstMs) {
    throw badOption(`${path}.maxMs must not be below firstMs, got ${describe(maxMs)} and ${describe(firstMs)}`)
  }
  return Object.freeze({ firstMs, maxMs, jitter })
}
