/** A store and its model side by side, and the words that operations use of both. */

import {
  type ContentId,
  contentId,
  createEntryId,
  type EntryId,
  groupId,
  type GroupId,
  type LeaseToken,
  leaseToken,
  messageId,
  type MessageId,
  messageOf,
} from '@postroad/envelope'
import {
  ContentMissingError,
  type ContentRef,
  type EntryState,
  type EntryView,
  type JournalRecord,
  type NewEntry,
  type SealedContent,
  type Store,
} from '../index.ts'
import { UNREADABLE_JOB } from './harness.ts'
import { fault } from './model-fault.ts'
import { LimitsModel } from './model-limits.ts'
import { type EntryPlan, GROUPS, LABELS, UNREADABLE } from './model-operation.ts'
import { MODEL_QUEUE, type ModelContent, type ModelEntry, ModelState } from './model-state.ts'

/** How long fresh content may stay unnamed. */
const FRESH_TTL_MS = 60_005

/** Entries as a call takes them. */
export type Planned = NewEntry<string>

/** One run's view of a store. */
export class ModelWorld {
  store: Store<string>
  readonly state: ModelState
  readonly limits: LimitsModel
  /** Records by message; `unsure`: a crash may have taken the last. */
  readonly journal: Map<MessageId, { records: JournalRecord[]; unsure: boolean }> = new Map()
  /** Where the feed of changes is followed, the groups that it must name, and what may have broken it. */
  readonly feed: { cursor: string | undefined; changed: Set<GroupId>; askedAt: number; crashed: boolean }
  readonly #prefix: string
  #beganAt: number

  /** @param prefix What all names of this run begin with. */
  constructor(store: Store<string>, now: number, prefix: string) {
    this.store = store
    this.state = new ModelState(now)
    this.limits = new LimitsModel(prefix)
    this.feed = { cursor: undefined, changed: new Set(), askedAt: 0, crashed: false }
    this.#prefix = prefix
    this.#beganAt = now
  }

  /** How long the run has lasted, by the store's clock. */
  get elapsedMs(): number {
    return this.state.now - this.#beganAt
  }

  /** The time that the run has had no longer counts. */
  lift(): void {
    this.#beganAt = Infinity
  }

  message(n: number): MessageId {
    return messageId(`${this.#prefix}m${n}`)
  }

  id(message: number, index: number): EntryId {
    return createEntryId(this.message(message), index)
  }

  group(n: number): GroupId {
    return groupId(`${this.#prefix}g${n % GROUPS}.example`)
  }

  /** The n-th newest token; one that nobody gave where there is none. */
  token(n: number): LeaseToken {
    const { tokens } = this.state
    return tokens.at(-1 - (n % Math.max(1, tokens.length))) ?? leaseToken('nobody gave this')
  }

  /** The n-th newest content. */
  content(n: number): ModelContent | undefined {
    const all = [...this.state.contents.values()]
    return all.at(-1 - (n % Math.max(1, all.length)))
  }

  /** Stages and seals content whose bytes tell it apart. */
  async stage(sizeBytes: number, ttlMs: number, beside?: LeaseToken): Promise<ModelContent> {
    const serial = this.state.contents.size
    const bytes = Uint8Array.from({ length: sizeBytes }, (_, n) => (n * 7 + serial * 31 + (n >> 8)) & 255)
    const cut = Math.min(sizeBytes, 5)
    const message = this.message(0)
    const writer = await this.store.spool.stage({ message, ttlMs, ...(beside === undefined ? {} : { beside }) })
    await writer.write(bytes.slice(cut, cut + 100))
    await writer.write(bytes.slice(cut + 100))
    const sealed = await writer.seal({ prefix: bytes.slice(0, cut) })
    if (sealed.sizeBytes !== sizeBytes) fault('seal gave another size', sealed.sizeBytes, sizeBytes)
    if (this.state.contents.has(sealed.id)) fault(`seal gave the id ${sealed.id} a second time`)
    const expiresAt = this.state.now + ttlMs
    const content: ModelContent = {
      id: sealed.id,
      bytes,
      sealed,
      state: 'staged',
      expiresAt,
      lostByCrash: false,
      mayReturn: false,
    }
    this.state.contents.set(sealed.id, content)
    return content
  }

  /** Entries from their plans, of one message where `oneMessage`; fresh content is staged, one for all. */
  async plan(plans: readonly EntryPlan[], oneMessage: boolean, beside?: LeaseToken): Promise<readonly Planned[]> {
    let fresh: SealedContent | undefined
    const entries: Planned[] = []
    for (const { message, index, job, group, priority, delayMs, labels, content: planned } of plans) {
      let content: SealedContent | ContentRef | undefined
      if (planned.kind === 'fresh') {
        fresh ??= (await this.stage(planned.sizeBytes, FRESH_TTL_MS, beside)).sealed
        content = fresh
      } else if (planned.kind === 'sealed') content = this.content(planned.content)?.sealed
      else if (planned.kind === 'ref') {
        content = { ref: this.content(planned.content)?.id ?? contentId('there-is-no-such-content') }
      } else if (planned.kind === 'missing') content = { ref: contentId('there-is-no-such-content') }
      const first = oneMessage ? (plans[0]?.message ?? message) : message
      entries.push({
        id: this.id(first, index),
        job: this.job(job),
        group: this.group(group),
        priority,
        notBefore: this.state.now + delayMs,
        labels: LABELS[labels % LABELS.length] ?? {},
        ...(content === undefined ? {} : { content }),
      })
    }
    return entries
  }

  job(n: number): string {
    return n === UNREADABLE ? UNREADABLE_JOB : `job ${n}`
  }

  /** Whether the store must, may, or must not find content missing for those of the entries that are new. */
  missesContent(entries: readonly Planned[]): 'yes' | 'no' | 'maybe' {
    const seen = new Set<EntryId>()
    const sealed = new Set(entries.map(({ content }) => (content !== undefined && 'id' in content ? content.id : '')))
    let answer: 'no' | 'maybe' = 'no'
    for (const { id, content } of entries) {
      const known = this.state.knows(id)
      if (seen.has(id) || known === 'yes') continue
      seen.add(id)
      // A reference beside the sealed content itself, in one call: each store may see the one before the other.
      const beside = content !== undefined && 'ref' in content && sealed.has(content.ref)
      const has =
        beside && this.state.contents.get(content.ref)?.state === 'staged' ? 'maybe' : this.state.hasContent(content)
      if (has === 'no' && known === 'no') return 'yes'
      if (has !== 'yes') answer = 'maybe'
    }
    return answer
  }

  /** Follows an addition that the store has done. Looks where it may still have known an id. */
  async added(entries: readonly Planned[]): Promise<void> {
    const unsure = entries.filter(({ id }) => this.state.knows(id) === 'maybe').map(({ id }) => id)
    const found = unsure.length === 0 ? new Set() : new Set((await this.look(unsure)).keys())
    for (const { id, job, group, content, priority, notBefore, labels } of entries) {
      const known = this.state.knows(id)
      if (known === 'yes' || (known === 'maybe' && !found.has(id))) continue
      const named = content === undefined ? undefined : 'ref' in content ? content.ref : content.id
      const kept = named === undefined ? undefined : this.state.contents.get(named)
      if (kept?.state === 'staged' && content !== undefined && 'ref' in content) kept.mayReturn = true
      this.state.add({ id, job, group, content: named, priority, notBefore, labels })
    }
  }

  /** Entries as the store shows them. */
  async look(ids: readonly EntryId[]): Promise<ReadonlyMap<EntryId, EntryView<string>>> {
    const found = new Map<EntryId, EntryView<string>>()
    let cursor: string | undefined
    do {
      const page = await this.store.control.list({ ids }, { limit: 100, ...(cursor === undefined ? {} : { cursor }) })
      for (const item of page.items) found.set(item.id, item)
      cursor = page.cursor
    } while (cursor !== undefined)
    return found
  }

  /**
   * The state that the store shows of each entry, where the port leaves several open; elsewhere the one that is allowed.
   * An entry that the store holds as poison is held in the model from here on.
   */
  async shown(): Promise<ReadonlyMap<ModelEntry, EntryState>> {
    const { state } = this
    const open = [...state.entries.values()].filter((entry) => state.shownStates(entry).length > 1)
    const found = open.length === 0 ? new Map<EntryId, EntryView<string>>() : await this.look(open.map(({ id }) => id))
    const states = new Map<ModelEntry, EntryState>()
    for (const entry of state.entries.values()) {
      const allowed = state.shownStates(entry)
      const seen = allowed.length > 1 ? found.get(entry.id)?.state : allowed[0]
      if (seen === undefined || !allowed.includes(seen)) return fault(`list shows ${entry.id} so`, seen, allowed)
      if (seen === 'held' && entry.state !== 'held') state.hold(entry, true)
      states.set(entry, seen)
    }
    return states
  }

  /** Notes a record as the journal keeps it. */
  record(message: MessageId, record: JournalRecord): void {
    const kept = this.journal.get(message) ?? { records: [], unsure: false }
    kept.records = [...kept.records, record].slice(-MODEL_QUEUE.journalRecords)
    this.journal.set(message, kept)
  }

  /** Reads content whole. */
  async read(content: ContentId): Promise<Uint8Array | undefined> {
    const chunks: Uint8Array[] = []
    try {
      for await (const chunk of this.store.spool.open(content)) chunks.push(chunk.slice())
    } catch (error) {
      if (error instanceof ContentMissingError) return undefined
      throw error
    }
    return new Uint8Array(Buffer.concat(chunks))
  }

  /** Faults unless content can be read exactly while an entry names it, and not otherwise. */
  async checkContent({ id, bytes, state }: ModelContent): Promise<void> {
    const seen = await this.read(id)
    if (state !== 'named') {
      if (seen !== undefined) fault(`content ${id} can be read while no entry names it (${state})`)
      return
    }
    if (seen === undefined) return fault(`content ${id} cannot be read while an entry names it`)
    if (!Buffer.from(seen).equals(Buffer.from(bytes))) fault(`content ${id} has other bytes than were written`)
  }

  /** The message of an entry. */
  messageOf(entry: ModelEntry): MessageId {
    return messageOf(entry.id)
  }
}
