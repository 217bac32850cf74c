/**
 * Content that is sealed and not named yet, as far as it lies in this process.
 *
 * It lives as long as the caller holds what `seal` gave, not longer: who gives up a message because Redis is away need
 * not clean up, and an outage fills no memory. So it is that object that must be given to `enqueue`, not a copy of it.
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
}

/** All that is sealed and not named yet. */
export class SealedContents {
  readonly #bytes = new WeakMap<SealedContent, Unnamed>()
  readonly #byId = new Map<ContentId, WeakRef<SealedContent>>()
  readonly #collected = new FinalizationRegistry<ContentId>((id) => {
    this.#byId.delete(id)
  })

  /** Makes what the caller holds. */
  add(id: ContentId, unnamed: Unnamed): SealedContent {
    const sealed: SealedContent = { id, sizeBytes: unnamed.sizeBytes }
    this.#bytes.set(sealed, unnamed)
    this.#byId.set(id, new WeakRef(sealed))
    this.#collected.register(sealed, id)
    return sealed
  }

  /** What Redis does not have of it; `undefined` where that is nothing, or it is forgotten. */
  get(content: SealedContent | ContentRef): Unnamed | undefined {
    return 'id' in content ? this.#bytes.get(content) : undefined
  }

  /** Forgets it: it is named, dropped, aborted or swept. Says whether it was there. */
  delete(id: ContentId): boolean {
    const sealed = this.#byId.get(id)?.deref()
    this.#byId.delete(id)
    return sealed !== undefined && this.#bytes.delete(sealed)
  }

  /** Those that lie here whole and whose time to live has passed. */
  expired(now: number): readonly ContentId[] {
    const found: ContentId[] = []
    for (const [id, reference] of this.#byId) {
      const sealed = reference.deref()
      const unnamed = sealed && this.#bytes.get(sealed)
      if (unnamed !== undefined && unnamed.staged === 0 && unnamed.expiresAt <= now) found.push(id)
    }
    return found
  }
}
