/**
 * Why a call did not come to be, in a sentence that has neither the command nor its arguments: neither message content nor
 * a password may come into a log.
 */

import { QueueUnavailableError } from '@postroad/queue'
import { RedisStoreError } from './errors.ts'

/** What Redis refuses with, and what that means here. */
const REFUSALS: Readonly<Record<string, string>> = {
  ASK: 'the slot of this shard is being moved to another node',
  TRYAGAIN: 'the slot of this shard is being moved to another node',
  BUSY: 'Redis is busy with a script that does not end',
  CLUSTERDOWN: 'the cluster has no master for this shard now',
  LOADING: 'Redis is loading its data',
  MASTERDOWN: 'this replica has lost its master',
  MISCONF: 'Redis cannot write to its disk (MISCONF): see its log',
  MOVED: 'the shard has moved to a node that is not reached yet',
  NOREPLICAS: 'Redis has fewer good replicas than its min-replicas-to-write asks for',
  OOM: 'the memory of Redis is full (maxmemory)',
  READONLY: 'this Redis is a replica now and takes no writes',
}

/** The code that a refusal of Redis begins with, also where a script met it; empty where the error is none. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  // Before Redis 7 a script's own sentence stands in front.
  const [, code = ''] = /^(?:ERR Error running script.{0,200}?: -)?([A-Z]{2,20}) /s.exec(error.message) ?? []
  return code
}

/** What went wrong, without the command. */
export function withoutCommand(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof RedisStoreError || 'syscall' in error) return error
  // A name that has several addresses, none of which answers.
  if (error instanceof AggregateError && error.message === '') return new Error(error.errors.map(messageOf).join('; '))
  const sentence = REFUSALS[codeOf(error)]
  if (sentence !== undefined) return new Error(sentence)
  // Redis repeats the arguments of a command that it does not know.
  return new Error(error.message.split(', with args')[0])
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The error that a caller sees. */
export function unavailable(error: unknown): QueueUnavailableError {
  if (error instanceof QueueUnavailableError) return error
  const cause = withoutCommand(error)
  const why = cause instanceof Error && cause.message !== '' ? `: ${cause.message}` : ''
  return new QueueUnavailableError(`Redis is not available${why}`, { cause })
}
