/** Holds traces of system calls against the rule that nobody hears "durable" before the sync call has returned. */

import { basename, dirname } from 'node:path'
import { pathOf, type TracedCall } from './strace.ts'

/** One call of the traced program that was acknowledged, as the trace shows it. */
export interface TracedOp {
  readonly name: string
  /** Lines of the trace: from where it was told to begin until its acknowledgement was written. */
  readonly from: number
  readonly to: number
}

const WRITES = ['write', 'writev', 'pwrite64', 'pwritev']
const SYNCS = ['fsync', 'fdatasync']

/** Finds the calls in the trace of a `serial` program: a mark names each, the answer ends it. */
export function findOps(calls: readonly TracedCall[]): readonly TracedOp[] {
  const ops: TracedOp[] = []
  let mark: { readonly name: string; readonly at: number } | undefined
  for (const call of calls.toSorted((a, b) => a.beganAt - b.beganAt)) {
    if (call.name !== 'write' || !call.args.startsWith('1<')) continue
    const kind = /\\"kind\\":\\"(\w+)\\"/.exec(call.args)?.[1]
    const name = /\\"name\\":\\"([\w-]+)\\"/.exec(call.args)?.[1]
    if (kind === 'mark' && name !== undefined) mark = { name, at: call.beganAt }
    if ((kind !== 'enqueued' && kind !== 'settled') || mark === undefined) continue
    ops.push({ name: mark.name, from: mark.at, to: call.beganAt })
    mark = undefined
  }
  return ops
}

/** What a store wrote and synced during one call. */
export interface SyncReport {
  readonly op: string
  /** Syncs that returned 0 before the acknowledgement, in order: `log`, `file`, `folder`. */
  readonly syncs: readonly string[]
  /** What was acknowledged before it was synced; empty where the rule holds. */
  readonly faults: readonly string[]
}

/**
 * Looks at one call of a SQLite store: all that was written to the log or to files of content is synced, a file that was
 * made or moved is synced with its folder, and the log is written only after the files that it names.
 *
 * @param folder The store's folder; the database itself and its index need no sync, for the log has it all.
 */
export function checkSqliteSync(calls: readonly TracedCall[], op: TracedOp, folder: string): SyncReport {
  const within = calls.filter(({ beganAt }) => beganAt >= op.from && beganAt < op.to)
  const faults: string[] = []
  const kindOf = (path: string): string | undefined => {
    if (path === folder || !path.startsWith(`${folder}/`)) return path === folder ? 'folder' : undefined
    if (path.endsWith('-wal')) return 'log'
    return path.endsWith('-shm') || path.endsWith('.sqlite') ? undefined : 'file'
  }
  const syncs = within.filter(({ name, endedAt }) => SYNCS.includes(name) && endedAt < op.to)
  const isSynced = (path: string, after: number): TracedCall | undefined =>
    syncs.find((call) => pathOf(call) === path && call.beganAt > after && call.result === '0')
  const lastWrites = new Map<string, TracedCall>()
  for (const call of within) if (WRITES.includes(call.name)) lastWrites.set(pathOf(call), call)
  let logWrittenAt = Infinity
  for (const [path, call] of lastWrites) {
    const kind = kindOf(path)
    if (kind === 'log') logWrittenAt = call.beganAt
    if (kind === undefined || kind === 'folder') continue
    if (isSynced(path, call.endedAt) === undefined) faults.push(`${basename(path)} was not synced before the answer`)
  }
  // What was made or moved is in its folder only once that is synced.
  const entered = new Map<string, number>()
  for (const call of within) {
    const [from = '', to = ''] = [...call.args.matchAll(/"([^"]*)"/g)].map((path) => path[1])
    if (call.result !== '0') continue
    if (call.name === 'mkdir' && kindOf(from) !== undefined) entered.set(from, call.endedAt)
    if (call.name.startsWith('rename') && lastWrites.has(from)) entered.set(to, call.endedAt)
    if (call.name.startsWith('rename')) entered.delete(from)
  }
  const moved = new Set(
    within.filter(({ name }) => name.startsWith('rename')).flatMap(({ args }) => /"([^"]*)"/.exec(args)?.[1] ?? []),
  )
  for (const [path, call] of lastWrites) {
    if (kindOf(path) !== 'file') continue
    const synced = isSynced(path, call.endedAt)
    if (synced !== undefined && synced.endedAt > logWrittenAt)
      faults.push(`the log was written before ${basename(path)} was synced`)
    if (!moved.has(path)) entered.set(path, op.from)
  }
  for (const [path, at] of entered) {
    const held = isSynced(dirname(path), at)
    if (held === undefined) faults.push(`the folder of ${basename(path)} was not synced before the answer`)
    else if (held.endedAt > logWrittenAt)
      faults.push(`the log was written before the folder of ${basename(path)} was synced`)
  }
  const order = syncs.flatMap((call) => {
    const path = pathOf(call)
    const isFolder = path === folder || [...entered.keys()].some((one) => dirname(one) === path)
    const kind = isFolder ? 'folder' : kindOf(path)
    return call.result === '0' && kind !== undefined ? [kind] : []
  })
  return { op: op.name, syncs: order, faults }
}

/**
 * Looks at a Redis server with `appendfsync always`: it never writes to a client while something that it wrote to its
 * append-only file is not synced.
 *
 * @param ids What the append-only file must have been told of, each before it was answered.
 */
export function checkRedisSync(calls: readonly TracedCall[], ids: readonly string[]): SyncReport {
  const faults: string[] = []
  const pending = new Set(ids)
  const written: string[] = []
  const syncs: string[] = []
  let unsynced: TracedCall | undefined
  for (const call of calls.toSorted((a, b) => a.beganAt - b.beganAt)) {
    const path = pathOf(call)
    if (WRITES.includes(call.name) && path.endsWith('.aof')) {
      unsynced = call
      for (const id of pending) if (call.args.includes(id)) written.push(id)
    } else if (SYNCS.includes(call.name) && path.endsWith('.aof') && call.result === '0') {
      unsynced = undefined
      syncs.push('log')
      for (const id of written.splice(0)) pending.delete(id)
    } else if (['write', 'writev', 'sendto', 'sendmsg'].includes(call.name) && /^(TCP|socket):/.test(path)) {
      if (unsynced !== undefined)
        faults.push(
          `a reply was written at line ${call.beganAt}, what line ${unsynced.beganAt} appended was not synced`,
        )
    }
  }
  for (const id of pending) faults.push(`${id} was acknowledged, and no append with it was synced`)
  return { op: 'redis', syncs, faults }
}
