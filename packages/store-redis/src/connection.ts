/**
 * All connections of one store: to the master, or the masters, that have its shards, and one that listens.
 *
 * An outage is an error at once: nothing is queued in the client, nothing is sent again by itself but what Redis refused
 * before it did anything (it had forgotten the script, or the slot is elsewhere). Connections are made again in the
 * background; what Redis promises is checked anew each time before anything else is sent. In a cluster an outage of one
 * node concerns the shards that lie there.
 */

import { QueueUnavailableError } from '@postroad/queue'
import { backoffMs } from './backoff.ts'
import { ClusterTopology } from './cluster.ts'
import { RedisStoreError } from './errors.ts'
import { FORMAT, formatOf, type ShardKeys } from './keys.ts'
import { Listener } from './listener.ts'
import type { RedisStoreObserver } from './observer.ts'
import { codeOf, unavailable, withoutCommand } from './refusal.ts'
import { textOf, wordOf } from './reply.ts'
import { Route } from './route.ts'
import { enter } from './scripts/enter.ts'
import type { Session, SessionOptions } from './session.ts'
import { slotOf } from './slot.ts'
import { type LinkBase, SingleTopology, type Topology } from './topology.ts'

export type { Argument } from './evaluation.ts'

/** What a node of a cluster refuses the keys of one shard with, while it may well have others. */
const POSTPONING: ReadonlySet<string> = new Set(['ASK', 'CLUSTERDOWN', 'MOVED', 'TRYAGAIN'])

/** How connections are made. */
export interface ConnectionOptions extends SessionOptions {
  readonly shards: readonly ShardKeys[]
  /** What begins the keys of limits. */
  readonly limitsBase: string
  readonly observer: RedisStoreObserver | undefined
}

/** All connections of one store. */
export class Connection {
  readonly #options: ConnectionOptions
  readonly #topology: Topology
  readonly #listener: Listener
  readonly #pending = new Set<Promise<unknown>>()
  readonly #entering = new WeakMap<Session, Promise<void>>()
  #state: 'opening' | 'open' | 'closed' = 'opening'
  #retry: NodeJS.Timeout | undefined
  /** How often in a row shards were refused. */
  #refusals = 0
  /** The ways to the shards, in the order of their numbers. */
  readonly shards: readonly Route<ShardKeys>[]
  /** The way to the limits. */
  readonly limits: Route<undefined>
  /** Called when work came to be due in a shard, or will in `ms`; and when a shard can be used again. */
  onWork: (shard: number, ms: number) => void = () => {}

  /** Opens them all. Rejects with `QueueUnavailableError` or `RedisStoreError`; nothing stays open then. */
  static async open(options: ConnectionOptions): Promise<Connection> {
    const connection = new Connection(options)
    try {
      await connection.#open()
      return connection
    } catch (error) {
      connection.#state = 'closed'
      connection.#listener.close()
      connection.#topology.close()
      throw error instanceof RedisStoreError ? error : unavailable(error)
    }
  }

  private constructor(options: ConnectionOptions) {
    this.#options = options
    const { reach, durability, replicas, shards, limitsBase } = options
    this.shards = shards.map((keys) => new Route(this, slotOf(keys.seq), keys))
    this.limits = new Route(this, slotOf(limitsBase), undefined)
    const base: LinkBase = {
      reach,
      durability,
      replicas,
      onChange: () => this.#update(),
      onRefused: (error) => this.#refused(error),
    }
    const slots = this.#routes().map(({ slot }) => slot)
    this.#topology =
      reach.endpoint.kind === 'cluster'
        ? new ClusterTopology(reach, base, slots)
        : new SingleTopology(reach, base, () => this.#listener.move())
    const numbers = new Map(shards.map(({ work, shard }) => [work, shard]))
    this.#listener = new Listener({
      reach,
      locate: () => this.#topology.listenAt(),
      channels: [...numbers.keys()],
      onWord: (channel, text) => this.#tell(numbers.get(channel), Number(text)),
      onAgain: () => {
        for (const shard of numbers.values()) this.#tell(shard, 0)
      },
    })
  }

  /** The session by which a route can be used now. */
  sessionOf(route: Route): Session | undefined {
    const session = this.#topology.linkOf(route.slot)?.session
    if (session === undefined) return undefined
    const isEntered = route.keys === undefined ? !this.#entering.has(session) : route.entered === session
    return isEntered ? session : undefined
  }

  /** Calls over a route. Rejects with `QueueUnavailableError`. */
  async call<Result>(route: Route, send: (session: Session, isCluster: boolean) => Promise<Result>): Promise<Result> {
    if (this.#state === 'closed') throw new QueueUnavailableError('the store is closed')
    return this.finish(this.#send(route, send))
  }

  /** Sees to it that `close` waits for something begun. Rejects with `QueueUnavailableError`. */
  async finish<Result>(running: Promise<Result>): Promise<Result> {
    this.#pending.add(running)
    try {
      return await running
    } catch (error) {
      throw unavailable(error)
    } finally {
      this.#pending.delete(running)
    }
  }

  /** Refuses new calls, waits for those begun, and closes. Harmless a second time. */
  async close(): Promise<void> {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    clearTimeout(this.#retry)
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending)
    this.#listener.close()
    this.#topology.close()
  }

  async #open(): Promise<void> {
    await this.#topology.open()
    for (const route of this.shards) {
      const link = this.#topology.linkOf(route.slot)
      if (link?.session === undefined) throw unavailable(link?.cause)
      await this.#enter(link.session)
      if (route.entered !== link.session) throw unavailable(route.cause)
    }
    await this.#listener.open()
    this.#state = 'open'
    for (const { slot } of this.#routes()) this.#topology.linkOf(slot)?.proven()
    this.#update()
  }

  async #send<Result>(route: Route, send: (session: Session, isCluster: boolean) => Promise<Result>): Promise<Result> {
    const isCluster = this.#options.reach.endpoint.kind === 'cluster'
    const session = this.#sessionFor(route)
    try {
      return await send(session, isCluster)
    } catch (error) {
      const code = codeOf(error)
      // It is a replica now: there must be another master, or none.
      if (code === 'READONLY' || code === 'MASTERDOWN') session.close(error)
      if (!isCluster || !['MOVED', 'CLUSTERDOWN', 'READONLY'].includes(code)) throw error
      const refreshed = this.#topology.refresh()
      if (code !== 'MOVED') throw error
      await refreshed
      const there = this.#topology.linkOf(route.slot)?.session
      if (there !== undefined) await this.#entering.get(there)
      // It has done nothing where it was sent, so it may be sent where it belongs; once.
      return send(this.#sessionFor(route), isCluster)
    }
  }

  #sessionFor(route: Route): Session {
    const session = this.sessionOf(route)
    if (session !== undefined) return session
    const link = this.#topology.linkOf(route.slot)
    throw unavailable(
      link === undefined
        ? new Error('the cluster has no master for this shard now')
        : link.session === undefined
          ? link.cause
          : (route.cause ?? new Error('the connection is being made')),
    )
  }

  /** A session came or went: shards are entered where there is a new one, and callers are told. */
  #update(): void {
    if (this.#state !== 'open') return
    for (const { slot } of this.shards) {
      const link = this.#topology.linkOf(slot)
      const session = link?.session
      if (session === undefined || this.#entering.has(session) || this.#outside(session).length === 0) continue
      const entering = this.#enter(session).then(
        () => {
          this.#entering.delete(session)
          link?.proven()
          this.#enterLater()
          this.#update()
        },
        (error: unknown) => {
          if (error instanceof RedisStoreError) this.#refused(error)
          // Made anew after a while, and entered again.
          session.close(error)
        },
      )
      this.#entering.set(session, entering)
    }
    this.#announce()
  }

  /** The shards that lie where a session leads and were not entered in it. */
  #outside(session: Session): readonly Route<ShardKeys>[] {
    return this.shards.filter(
      ({ slot, entered, postponed }) =>
        entered !== session && postponed !== session && this.#topology.linkOf(slot)?.session === session,
    )
  }

  /** Looks whether the shards are such as this release knows. Those whose slot is being moved are postponed. */
  async #enter(session: Session): Promise<void> {
    await Promise.all(this.#outside(session).map((route) => this.#enterShard(session, route)))
  }

  async #enterShard(session: Session, route: Route<ShardKeys>): Promise<void> {
    const { seq, moving } = route.keys
    const expected = formatOf(this.shards.length)
    try {
      const keys = this.#options.reach.endpoint.kind === 'cluster' ? [seq, moving] : [seq]
      const format = textOf(wordOf(await session.run(enter, keys, ['', expected])).rest[0])
      if (format !== expected) throw wrongFormat(format, this.shards.length)
      route.entered = session
      route.cause = undefined
    } catch (error) {
      if (!POSTPONING.has(codeOf(error))) throw error
      route.postponed = session
      route.cause = error
    }
  }

  /** Asks again where the slots of shards are that were refused, and enters them there. */
  #enterLater(): void {
    if (this.#state !== 'open' || this.#retry !== undefined) return
    if (this.shards.every(({ postponed }) => postponed === undefined)) {
      this.#refusals = 0
      return
    }
    this.#retry = setTimeout(() => {
      this.#retry = undefined
      for (const route of this.shards) route.postponed = undefined
      void this.#topology.refresh()
    }, backoffMs(this.#refusals))
    this.#refusals += 1
  }

  #announce(): void {
    const gone: Route[] = []
    const back: Route[] = []
    for (const route of this.#routes()) {
      const { available } = route
      if (available === route.announced) continue
      route.announced = available
      ;(available ? back : gone).push(route)
    }
    const { observer } = this.#options
    const [first] = gone
    if (first !== undefined) {
      const error = withoutCommand(this.#topology.linkOf(first.slot)?.cause)
      observer?.({ type: 'store.unavailable', error, shards: numbersOf(gone) })
    }
    if (back.length === 0) return
    observer?.({ type: 'store.available', shards: numbersOf(back) })
    for (const shard of numbersOf(back)) this.#tell(shard, 0)
  }

  #refused(error: RedisStoreError): void {
    if (this.#state === 'open') this.#options.observer?.({ type: 'store.refused', error })
  }

  #tell(shard: number | undefined, ms: number): void {
    if (shard !== undefined && this.#state === 'open') this.onWork(shard, ms)
  }

  #routes(): readonly Route[] {
    return [...this.shards, this.limits]
  }
}

function wrongFormat(format: string, shards: number): RedisStoreError {
  const [version, made = '1'] = format.split('/')
  if (version === FORMAT) {
    return new RedisStoreError(
      'REDIS_SHARDS_DIFFER',
      `The store in Redis was made with shards = ${made} and is opened with ${shards}: open it with ${made}, or use another prefix.`,
    )
  }
  return new RedisStoreError(
    'REDIS_FORMAT_UNKNOWN',
    `The store in Redis has the format ${format}, this release knows ${FORMAT}: use the release that wrote it, or another prefix.`,
  )
}

function numbersOf(routes: readonly Route[]): readonly number[] {
  return routes.flatMap(({ keys }) => (keys === undefined ? [] : [keys.shard]))
}
