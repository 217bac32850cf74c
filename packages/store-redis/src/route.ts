/** What a port sees of the connections: the way to the keys of one hash tag, wherever they lie now. */

import type { Connection } from './connection.ts'
import type { Argument, Staged } from './evaluation.ts'
import type { ShardKeys } from './keys.ts'
import type { Script } from './scripts/script.ts'
import type { Session } from './session.ts'

/** Scripts whose effect is promised when they are answered, whatever their arguments. */
const PROMISED: ReadonlySet<string> = new Set(['enqueue', 'change', 'steer'])

/** What a script answered, and whether that is kept. */
export interface Answered {
  readonly reply: unknown
  /** Resolves once the replicas asked for have what the script did; may be left unheeded. Rejects as `run` does. */
  readonly kept: Promise<void>
}

/** The way to one shard, or to the limits. */
export class Route<Keys extends ShardKeys | undefined = ShardKeys | undefined> {
  readonly #connection: Connection
  readonly slot: number
  /** `undefined`: the limits. */
  readonly keys: Keys
  /** The session in which the shard was entered: its format is the one we know, its numbers of leases are fresh. */
  entered: Session | undefined
  /** The session in which it was refused lately: its slot is being moved. It is entered there again after a while. */
  postponed: Session | undefined
  /** Why it was refused. */
  cause: unknown
  /** Whether callers were told that it can be used. */
  announced = true

  constructor(connection: Connection, slot: number, keys: Keys) {
    this.#connection = connection
    this.slot = slot
    this.keys = keys
  }

  /** Whether calls have a chance. */
  get available(): boolean {
    return this.#connection.sessionOf(this) !== undefined
  }

  /**
   * Runs a script; the reply holds `Buffer`s, numbers, lists and `null`.
   *
   * @param promised Whether what it did is a promise, so that the replicas asked for must have it. Default: as its name says.
   * @throws {QueueUnavailableError} Where Redis is away or refuses, or too few replicas have it; whether the script ran is
   * then unknown.
   */
  async run(
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
    promised: boolean = PROMISED.has(script.name),
  ): Promise<unknown> {
    const { reply, kept } = await this.answer(script, keys, args, promised)
    await kept
    return reply
  }

  /**
   * As `run`, for those who send on while replicas confirm: what waits for them must hold nothing else up.
   *
   * @param promised Whether what it did is a promise; may be asked of the reply.
   * @param staged What is set before the script, for it to make permanent.
   */
  answer(
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
    promised: boolean | ((reply: unknown) => boolean),
    staged: readonly Staged[] = [],
  ): Promise<Answered> {
    return this.#connection.call(this, async (session, isCluster) => {
      // A node that has only a part of the slot refuses two keys of which one is not there, before the script begins.
      const guard = isCluster && this.keys !== undefined ? [this.keys.moving] : []
      const reply = await session.run(script, [...keys, ...guard], args, staged)
      // Asked of the server that ran the script; begun before this call ends, so that `close` waits for it.
      const isPromised = typeof promised === 'function' ? promised(reply) : promised
      const kept =
        isPromised && this.keys !== undefined ? this.#connection.finish(session.confirm(this.keys)) : Promise.resolve()
      kept.catch(() => {})
      return { reply, kept }
    })
  }

  /** Reads fields of a hash. */
  fields(key: string, names: readonly string[]): Promise<readonly (Buffer | null)[]> {
    return this.#connection.call(this, (session) => session.fields(key, names))
  }

  /** Reads strings; `null` where there is none. */
  texts(keys: readonly string[]): Promise<readonly (Buffer | null)[]> {
    return this.#connection.call(this, (session) => session.texts(keys))
  }

  /** Reads the bytes of a string from `start` to `end`, which is excluded; empty where there is none. */
  part(key: string, start: number, end: number): Promise<Buffer> {
    return this.#connection.call(this, (session) => session.part(key, start, end))
  }

  /** Reads a list whole. */
  items(key: string): Promise<readonly string[]> {
    return this.#connection.call(this, (session) => session.items(key))
  }
}
