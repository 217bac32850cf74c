/** The control of the SQLite store: what only looks goes to the reader, what changes to the writer. */

import { contentId, entryId, type GroupId, groupId } from '@postroad/envelope'
import type {
  ApplyReport,
  Changes,
  ChangesRequest,
  Codec,
  ControlAction,
  EntryFilter,
  EntryView,
  GroupCounts,
  Labels,
  Page,
  PageRequest,
  QueueControl,
} from '@postroad/queue'
import type { Clock } from '@postroad/runtime'
import { instant } from './instant.ts'
import type { CountsRow, ReadSteps, ViewRow, WriteSteps } from './protocol.ts'
import type { Pulse } from './pulse.ts'
import type { SqliteQueue } from './queue.ts'
import type { LazyThread } from './lazy-thread.ts'

/** What control is made of. */
export interface SqliteControlParts<Job> {
  readonly codec: Codec<Job>
  readonly writer: LazyThread<WriteSteps>
  readonly reader: LazyThread<ReadSteps>
  readonly queue: SqliteQueue<Job>
  readonly clock: Clock
  /** Beats after each batch that was written here; ends with the store. */
  readonly pulse: Pulse
}

/** How often to look for what other processes have changed while somebody follows, in milliseconds. */
const LOOK_MS = 250

/** Control over the threads. */
export class SqliteControl<Job> implements QueueControl<Job> {
  readonly #parts: SqliteControlParts<Job>

  constructor(parts: SqliteControlParts<Job>) {
    this.#parts = parts
  }

  async counts({ cursor, limit }: PageRequest): Promise<Page<GroupCounts>> {
    const page = await this.#parts.reader.ask('counts', { cursor, limit })
    return { items: page.items.map(countsOf), cursor: page.cursor }
  }

  async changes({ cursor, limit, waitMs, signal }: ChangesRequest): Promise<Changes> {
    const { clock, pulse, reader, writer } = this.#parts
    const until = clock.monotonic() + waitMs
    for (;;) {
      const { count } = pulse
      const found = cursor === undefined ? undefined : await reader.ask('changes', { cursor, limit })
      if (found === undefined) return { groups: [], cursor: await writer.ask('follow', undefined), restarted: true }
      if (found.mustFollow) await writer.ask('follow', undefined)
      const leftMs = until - clock.monotonic()
      if (found.items.length > 0 || leftMs <= 0 || pulse.isEnded || signal?.aborted === true)
        return { groups: found.items.map(countsOf), cursor: found.cursor, restarted: false }
      await pulse.wait(count, Math.min(leftMs, LOOK_MS), signal)
      if (pulse.isEnded) return { groups: [], cursor: found.cursor, restarted: false }
    }
  }

  async list(filter: EntryFilter, { cursor, limit }: PageRequest): Promise<Page<EntryView<Job>>> {
    const page = await this.#parts.reader.ask('list', { filter, cursor, limit })
    return { items: page.items.map((row) => this.#view(row)), cursor: page.cursor }
  }

  async apply(
    action: ControlAction,
    filter: EntryFilter,
    { cursor, limit, dryRun = false }: PageRequest & { readonly dryRun?: boolean },
  ): Promise<ApplyReport> {
    const report = await this.#parts.writer.ask('apply', { action, page: { filter, cursor, limit }, dryRun }, !dryRun)
    this.#parts.queue.changed()
    return report
  }

  async pause(group: GroupId, until: number): Promise<void> {
    await this.#parts.writer.ask('pause', { group, until: instant(until) }, true)
  }

  async resume(group: GroupId): Promise<void> {
    await this.#parts.writer.ask('resume', { group }, true)
    this.#parts.queue.changed()
  }

  async limit(group: GroupId, concurrency: number | undefined): Promise<void> {
    const limit = concurrency === undefined ? undefined : Math.max(0, instant(concurrency))
    await this.#parts.writer.ask('limit', { group, concurrency: limit }, true)
    this.#parts.queue.changed()
  }

  #view(row: ViewRow): EntryView<Job> {
    let job: Job | undefined
    try {
      job = this.#parts.codec.decode(row.job)
    } catch {
      // Shown without: the reason it is held for says why.
    }
    const labels: Labels = JSON.parse(row.labels)
    return {
      ...row,
      id: entryId(row.id),
      group: groupId(row.group),
      content: row.content === undefined ? undefined : contentId(row.content),
      job,
      labels,
    }
  }
}

function countsOf(row: CountsRow): GroupCounts {
  return { ...row, group: groupId(row.group) }
}
