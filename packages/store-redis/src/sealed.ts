/**
 * Content that is sealed and not named yet, as far as it lies in this process.
 *
 * It lives as long as the caller holds what `seal` gave, not longer: who gives up a message because Redis is away need
 * not clean up, and an outage fills no memory. So it is that object that must be given to `enqueue`, not a copy of it.
 * Only the newest are held here too, a few mebibytes: most are named a moment later, and need not be watched.
 */

import type { ContentId } from '@postroad/envelope'
import type { ContentRef, SealedContent } from '@postroad/queue'

/** What Redis does not have of it. */
export interface Unnamed {
  readonly sizeBytes: number
  /** Chunks that are staged in Redis. */
  readonly staged: number
  readonly prefix: Uint8Array
  /** What comes after the staged chunks. */
  readonly tail: Uint8Array
  /** By the clock of the store's context. */
  readonly expiresAt: number
  /** Called once nobody reads `prefix` and `tail` any more, so that their memory can be used again. */
  readonly free: () => void
}

/** The newest contents that are held, and their bytes, at most. */
const MOST_HELD = 1_024
const MOST_HELD_BYTES = 8_388_608

/** What the caller holds. */
class Sealed implements SealedContent {
  readonly id: ContentId
  readonly sizeBytes: number
  readonly #owner: SealedContents
  #unnamed: Unnamed | undefined
  /** How many calls are under way that bring it. */
  #sending = 0

  constructor(id: ContentId, unnamed: Unnamed, owner: SealedContents) {
    this.id = id
    this.sizeBytes = unnamed.sizeBytes
    this.#owner = owner
    this.#unnamed = unnamed
  }

  static from(content: SealedContent | ContentRef, owner: SealedContents): Sealed | undefined {
    return content instanceof Sealed && content.#owner === owner ? content : undefined
  }

  get unnamed(): Unnamed | undefined {
    return this.#unnamed
  }

  begin(): void {
    this.#sending += 1
  }

  end(): void {
    this.#sending -= 1
  }

  /** @param isUnused Whether its bytes may be used for something else where no call is under way. */
  forget(isUnused: boolean): boolean {
    const unnamed = this.#unnamed
    if (unnamed === undefined) return false
    this.#unnamed = undefined
    if (isUnused && this.#sending === 0) unnamed.free()
    return true
  }
}

/** All that is sealed and not named yet. */
export class SealedContents {
  readonly #newest = new Map<ContentId, Sealed>()
  #newestBytes = 0
  readonly #others = new Map<ContentId, WeakRef<Sealed>>()
  readonly #collected = new FinalizationRegistry<ContentId>((id) => {
    this.#others.delete(id)
  })

  /** Makes what the caller holds. */
  add(id: ContentId, unnamed: Unnamed): SealedContent {
    const sealed = new Sealed(id, unnamed, this)
    this.#newest.set(id, sealed)
    this.#newestBytes += bytesOf(unnamed)
    while (this.#newest.size > MOST_HELD || this.#newestBytes > MOST_HELD_BYTES) {
      const [oldest] = this.#newest.values()
      if (oldest === undefined) break
      this.#letGo(oldest)
      this.#others.set(oldest.id, new WeakRef(oldest))
      this.#collected.register(oldest, oldest.id, oldest)
    }
    return sealed
  }

  /** What Redis does not have of it; `undefined` where that is nothing, or it is forgotten. */
  get(content: SealedContent | ContentRef): Unnamed | undefined {
    return Sealed.from(content, this)?.unnamed
  }

  /** A call that brings it is under way. */
  begin(content: SealedContent | ContentRef): void {
    Sealed.from(content, this)?.begin()
  }

  /** That call has ended; what it brought is forgotten where `named` says so. */
  end(content: SealedContent | ContentRef): void {
    Sealed.from(content, this)?.end()
  }

  /** Forgets what an entry names now. */
  named(content: SealedContent | ContentRef): void {
    const sealed = Sealed.from(content, this)
    if (sealed !== undefined) this.#forget(sealed, true)
  }

  /** Forgets it: it is dropped, aborted or swept. Says whether it was there. */
  delete(id: ContentId): boolean {
    const sealed = this.#newest.get(id) ?? this.#others.get(id)?.deref()
    return sealed !== undefined && this.#forget(sealed, false)
  }

  /** Those that lie here whole and whose time to live has passed. */
  expired(now: number): readonly ContentId[] {
    const all = [...this.#newest.values(), ...[...this.#others.values()].map((reference) => reference.deref())]
    return all.flatMap((sealed) => {
      const unnamed = sealed?.unnamed
      return sealed !== undefined && unnamed?.staged === 0 && unnamed.expiresAt <= now ? [sealed.id] : []
    })
  }

  #forget(sealed: Sealed, isUnused: boolean): boolean {
    this.#letGo(sealed)
    if (this.#others.delete(sealed.id)) this.#collected.unregister(sealed)
    return sealed.forget(isUnused)
  }

  #letGo(sealed: Sealed): void {
    if (this.#newest.delete(sealed.id) && sealed.unnamed !== undefined) this.#newestBytes -= bytesOf(sealed.unnamed)
  }
}

/** How much memory it takes, about. */
function bytesOf({ prefix, tail }: Unnamed): number {
  return prefix.length + tail.length
}
