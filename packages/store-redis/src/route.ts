/** What a port sees of the connections: the way to the keys of one hash tag, wherever they lie now. */

import type { Connection } from './connection.ts'
import type { Argument, Staged } from './evaluation.ts'
import type { ShardKeys } from './keys.ts'
import { unavailable } from './refusal.ts'
import type { Script } from './scripts/script.ts'
import type { Session } from './session.ts'

/** Scripts whose effect is promised when they are answered, whatever their arguments. */
const PROMISED: ReadonlySet<string> = new Set(['enqueue', 'change', 'steer'])

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
   * @param staged What is set before the script, for it to make permanent.
   * @throws {QueueUnavailableError} Where Redis is away or refuses, or too few replicas have it; whether the script ran is
   * then unknown.
   */
  run(
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
    promised: boolean = PROMISED.has(script.name),
    staged: readonly Staged[] = [],
  ): Promise<unknown> {
    return this.#connection.call(this, async (session, isCluster) => {
      // A node that has only a part of the slot refuses two keys of which one is not there, before the script begins.
      const guard = isCluster && this.keys !== undefined ? [this.keys.moving] : []
      const reply = await session.run(script, [...keys, ...guard], args, staged)
      if (promised && this.keys !== undefined) await confirmed(session, this.keys)
      return reply
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

/** What fails here has been done: it must not look like a refusal after which a script is sent again. */
async function confirmed(session: Session, keys: ShardKeys): Promise<void> {
  try {
    await session.confirm(keys)
  } catch (error) {
    throw unavailable(error)
  }
}
