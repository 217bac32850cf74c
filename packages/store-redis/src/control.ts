/** Control over the queue in Redis: reads pages, filters them here, and changes entries one script each. */

import { contentId, type EntryId, entryId, type GroupId, groupId } from '@postroad/envelope'
import type {
  ApplyReport,
  Codec,
  ControlAction,
  EntryFilter,
  EntryState,
  EntryView,
  GroupCounts,
  Page,
  PageRequest,
  QueueControl,
} from '@postroad/queue'
import type { Argument } from './connection.ts'
import type { Context } from './context.ts'
import { parseLabels } from './labels.ts'
import { bytesOf, listOf, numberOf, textOf, wordOf } from './reply.ts'
import { change, counts, list, steer } from './scripts/control.ts'
import type { Script } from './scripts/script.ts'
import { whole } from './whole.ts'

/** Entries, and groups, that one script reads. */
const ENTRIES_AT_ONCE = 100
const GROUPS_AT_ONCE = 50
const LARGEST_PAGE = 1_000

/** A page of examined entries: those that match, and where to go on. */
interface Matches<Job> {
  readonly found: readonly EntryView<Job>[]
  readonly cursor: string | undefined
}

/** The control of one store. */
export class RedisControl<Job> implements QueueControl<Job> {
  readonly #context: Context
  readonly #codec: Codec<Job>

  constructor(context: Context, codec: Codec<Job>) {
    this.#context = context
    this.#codec = codec
  }

  async counts(page: PageRequest): Promise<Page<GroupCounts>> {
    const wanted = sizeOf(page)
    const items: GroupCounts[] = []
    let cursor = page.cursor
    while (items.length < wanted) {
      const asked = Math.min(GROUPS_AT_ONCE, wanted - items.length)
      const { rest } = wordOf(await this.#run(counts, [cursor ?? '', asked]))
      const rows = listOf(rest[0])
      items.push(...rows.map((row) => countsOf(row)))
      cursor = items.at(-1)?.group
      if (rows.length < asked) return { items, cursor: undefined }
    }
    return { items, cursor }
  }

  async list(filter: EntryFilter, page: PageRequest): Promise<Page<EntryView<Job>>> {
    const { found, cursor } = await this.#match(filter, page)
    return { items: found, cursor }
  }

  async apply(
    action: ControlAction,
    filter: EntryFilter,
    page: PageRequest & { readonly dryRun?: boolean },
  ): Promise<ApplyReport> {
    const { found, cursor } = await this.#match(filter, page)
    const word = action.kind === 'hold' ? action.reason : action.kind === 'reroute' ? action.group : ''
    const { settledMemoryMs } = this.#context
    const dry = page.dryRun === true ? 'dry' : ''
    const { state = '', group = '' } = filter
    const done: string[] = []
    for (let at = 0; at < found.length; at += ENTRIES_AT_ONCE) {
      const some = found.slice(at, at + ENTRIES_AT_ONCE)
      const replies = some.map(({ id }) =>
        this.#run(change, [id, action.kind, word, settledMemoryMs, dry, state, group]),
      )
      done.push(...(await Promise.all(replies)).map((reply) => wordOf(reply).word))
    }
    const times = (word: string): number => done.filter((one) => one === word).length
    return { matched: done.length - times('gone'), changed: times('changed'), leased: times('leased'), cursor }
  }

  async pause(group: GroupId, until: number): Promise<void> {
    await this.#run(steer, [group, 'pause', whole(until, 'until')])
  }

  async resume(group: GroupId): Promise<void> {
    await this.#run(steer, [group, 'resume', ''])
  }

  async limit(group: GroupId, concurrency: number | undefined): Promise<void> {
    await this.#run(steer, [group, 'limit', concurrency === undefined ? '' : whole(concurrency, 'concurrency')])
  }

  async #match(filter: EntryFilter, page: PageRequest): Promise<Matches<Job>> {
    const found: EntryView<Job>[] = []
    let left = sizeOf(page)
    let cursor = page.cursor ?? ''
    while (left > 0) {
      const asked = Math.min(ENTRIES_AT_ONCE, left)
      const { rows, examined, last, now } = await this.#read(filter, cursor, asked)
      for (const row of rows) {
        const view = this.#viewOf(row, now)
        if (matches(view, filter)) found.push(view)
      }
      if (examined < asked) return { found, cursor: undefined }
      left -= examined
      cursor = last
    }
    return { found, cursor }
  }

  async #read(
    filter: EntryFilter,
    cursor: string,
    count: number,
  ): Promise<{
    readonly rows: readonly unknown[]
    readonly examined: number
    readonly last: string
    readonly now: number
  }> {
    const index =
      filter.ids !== undefined
        ? ''
        : filter.group !== undefined
          ? `of:${filter.group}`
          : filter.state === 'held'
            ? 'held'
            : 'ids'
    const ids = filter.ids === undefined ? [] : idsAfter(filter.ids, cursor).slice(0, count)
    const { connection, keys, time } = this.#context
    const { rest } = wordOf(await connection.run(list, [keys.seq], [time(), index, cursor, count, ...ids]))
    const [now, examined, last, rows] = rest
    return { rows: listOf(rows), examined: numberOf(examined), last: textOf(last), now: numberOf(now) }
  }

  #viewOf(row: unknown, now: number): EntryView<Job> {
    const [id, fields] = listOf(row)
    const [state, group, job, content, priority, labels, attempt, enqueuedAt, notBefore, reason] = listOf(fields)
    const contentName = textOf(content)
    const held = textOf(state) === 'held'
    return {
      id: entryId(textOf(id)),
      state: stateOf(textOf(state), numberOf(notBefore) <= now),
      group: groupId(textOf(group)),
      job: this.#decode(bytesOf(job)),
      content: contentName === '' ? undefined : contentId(contentName),
      priority: numberOf(priority),
      labels: parseLabels(textOf(labels)),
      attempt: numberOf(attempt),
      enqueuedAt: numberOf(enqueuedAt),
      notBefore: numberOf(notBefore),
      heldFor: held ? textOf(reason) : undefined,
    }
  }

  #decode(bytes: Uint8Array): Job | undefined {
    try {
      return this.#codec.decode(bytes)
    } catch {
      // It is held with this reason once a worker meets it; here it is shown without its job.
      return undefined
    }
  }

  #run(script: Script, args: readonly Argument[]): Promise<unknown> {
    const { connection, keys, time, groupConcurrency } = this.#context
    return connection.run(script, [keys.seq], [time(), groupConcurrency, ...args])
  }
}

function sizeOf({ limit }: PageRequest): number {
  return Math.min(LARGEST_PAGE, Math.max(1, Math.trunc(limit)))
}

/** In the order of their ids, each once. */
function idsAfter(ids: readonly EntryId[], cursor: string): readonly EntryId[] {
  return [...new Set(ids)].filter((id) => id > cursor).toSorted((one, other) => (one < other ? -1 : 1))
}

function stateOf(state: string, due: boolean): EntryState {
  if (state === 'leased' || state === 'held') return state
  return due ? 'ready' : 'waiting'
}

function countsOf(row: unknown): GroupCounts {
  const [group, ready, waiting, leased, held, until, concurrency] = listOf(row)
  const pausedUntil = numberOf(until)
  return {
    group: groupId(textOf(group)),
    ready: numberOf(ready),
    waiting: numberOf(waiting),
    leased: numberOf(leased),
    held: numberOf(held),
    pausedUntil: pausedUntil === 0 ? undefined : pausedUntil,
    concurrency: numberOf(concurrency),
  }
}

function matches(view: EntryView<unknown>, filter: EntryFilter): boolean {
  const { state, group, labels = {}, enqueuedBefore, attemptsAtLeast } = filter
  return (
    (state === undefined || view.state === state) &&
    (group === undefined || view.group === group) &&
    (enqueuedBefore === undefined || view.enqueuedAt < enqueuedBefore) &&
    (attemptsAtLeast === undefined || view.attempt >= attemptsAtLeast) &&
    Object.entries(labels).every(([name, text]) => view.labels[name] === text)
  )
}
