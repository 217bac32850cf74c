/** Control over the queue in Redis: reads pages, filters them here, and changes entries one script each. */

import type { GroupId } from '@postroad/envelope'
import type {
  ApplyReport,
  Changes,
  ChangesRequest,
  Codec,
  ControlAction,
  EntryFilter,
  EntryView,
  GroupCounts,
  Page,
  PageRequest,
  QueueControl,
} from '@postroad/queue'
import { followChanges } from './changes.ts'
import type { Argument } from './connection.ts'
import type { Context } from './context.ts'
import { countGroups } from './counting.ts'
import { matchEntries, walkOf } from './listing.ts'
import { wordOf } from './reply.ts'
import { change, steer } from './scripts/control.ts'
import type { Script } from './scripts/script.ts'
import { whole } from './whole.ts'

/** Entries that are changed at a time. */
const AT_ONCE = 100

/** The control of one store. */
export class RedisControl<Job> implements QueueControl<Job> {
  readonly #shards: readonly Context[]
  readonly #codec: Codec<Job>
  readonly #end = new AbortController()

  constructor(shards: readonly Context[], codec: Codec<Job>) {
    this.#shards = shards
    this.#codec = codec
  }

  counts(page: PageRequest): Promise<Page<GroupCounts>> {
    return countGroups(this.#shards, page)
  }

  async list(filter: EntryFilter, page: PageRequest): Promise<Page<EntryView<Job>>> {
    const { found, cursor } = await matchEntries(this.#shards, this.#codec, walkOf(filter), page)
    return { items: found.map(({ view }) => view), cursor }
  }

  async apply(
    action: ControlAction,
    filter: EntryFilter,
    page: PageRequest & { readonly dryRun?: boolean },
  ): Promise<ApplyReport> {
    const { found, cursor } = await matchEntries(this.#shards, this.#codec, walkOf(filter, action), page)
    const word = action.kind === 'hold' ? action.reason : action.kind === 'reroute' ? action.group : ''
    const dry = page.dryRun === true ? 'dry' : ''
    const { state = '', group = '' } = filter
    const done: string[] = []
    for (let at = 0; at < found.length; at += AT_ONCE) {
      const replies = found.slice(at, at + AT_ONCE).map(({ context, view }) => {
        const args = [view.id, action.kind, word, context.settledMemoryMs, dry, state, group]
        return run(context, change, args, page.dryRun !== true)
      })
      done.push(...(await Promise.all(replies)).map((reply) => wordOf(reply).word))
    }
    const times = (word: string): number => done.filter((one) => one === word).length
    return { matched: done.length - times('gone'), changed: times('changed'), leased: times('leased'), cursor }
  }

  async pause(group: GroupId, until: number): Promise<void> {
    await this.#steer([group, 'pause', whole(until, 'until')])
  }

  async resume(group: GroupId): Promise<void> {
    await this.#steer([group, 'resume', ''])
  }

  async limit(group: GroupId, concurrency: number | undefined): Promise<void> {
    // Each shard has its part of it, rounded up.
    const part = concurrency === undefined ? '' : Math.ceil(whole(concurrency, 'concurrency') / this.#shards.length)
    await this.#steer([group, 'limit', part])
  }

  changes(request: ChangesRequest): Promise<Changes> {
    return followChanges(this.#shards, request, this.#end.signal)
  }

  /** Ends all waiting. */
  close(): void {
    this.#end.abort()
  }

  async #steer(args: readonly Argument[]): Promise<void> {
    await Promise.all(this.#shards.map((context) => run(context, steer, args, true)))
  }
}

function run(context: Context, script: Script, args: readonly Argument[], promised: boolean): Promise<unknown> {
  const { connection, keys, time, groupConcurrency } = context
  return connection.run(script, [keys.seq], [time(), groupConcurrency, ...args], promised)
}
