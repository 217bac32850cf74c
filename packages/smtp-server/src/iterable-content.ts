/**
 * The content of a message as an async iterable, for handlers that would rather read than be written to.
 *
 * A chunk is held until the reader asks for the next: so the client is held back while it is worked on, and nothing is
 * copied or gathered.
 */

import type { Reply } from '@postroad/envelope'
import type { ContentSink } from '@postroad/smtp'
import { SmtpServerError } from './errors.ts'

/** Reads the content of one message and judges it: a reply, in LMTP also a list with one for each recipient. */
export type ContentTaker = (content: AsyncIterable<Uint8Array>) => Promise<Reply | readonly Reply[]>

/**
 * Makes a sink of a function that reads.
 *
 * `take` is called at once. A chunk it is given is valid until it asks for the next one. The iteration ends where the
 * content does; where that can never be accepted (the client went away, or a limit was reached) it throws
 * `SMTP_SERVER_CONTENT_ABORTED`, and what `take` comes to is not looked at. Who stops reading early still judges: the
 * rest is read and dropped, and the reply goes out behind its end. Where `take` rejects the message is answered
 * 451 4.3.0; only the reply it resolves with can accept, and with a 2yz reply it promises that the message is durable
 * (RFC 5321 §6.1).
 */
export function iterableContent(take: ContentTaker): ContentSink {
  const inflow = new Inflow()
  const taken = run(take, inflow.chunks())
  // Whoever failed or is done reads no more: nothing may wait for it. The rejection itself is told by `write` or `end`.
  taken.then(
    () => inflow.drop(),
    (error: unknown) => inflow.fail(error),
  )
  return {
    write: (bytes) => inflow.write(bytes),
    end() {
      inflow.end()
      return taken
    },
    abort: () => inflow.abort(),
  }
}

/** A `take` that throws at once rejects. */
async function run(take: ContentTaker, content: AsyncIterable<Uint8Array>): Promise<Reply | readonly Reply[]> {
  return take(content)
}

/** What stands between who writes and who reads: one chunk at most. */
class Inflow {
  #chunk: Uint8Array | undefined
  /** Lets the writer go on. */
  #release: (() => void) | undefined
  /** Wakes the reader. */
  #wake: (() => void) | undefined
  #state: 'open' | 'ended' | 'aborted' | 'dropped' = 'open'
  #failure: { readonly error: unknown } | undefined

  /** Takes a chunk; a promise resolves when the reader is done with it, and rejects where the reader failed. */
  write(bytes: Uint8Array): void | Promise<void> {
    if (this.#state === 'dropped') return this.#failure === undefined ? undefined : Promise.reject(this.#failure.error)
    this.#chunk = bytes
    return new Promise((resolve, reject) => {
      this.#release = () => {
        if (this.#failure === undefined) resolve()
        else reject(this.#failure.error)
      }
      this.#wake?.()
    })
  }

  /** No more comes. */
  end(): void {
    this.#become('ended')
  }

  /** No more comes, and what came is void. */
  abort(): void {
    this.#become('aborted')
  }

  /** Nobody reads any more. */
  drop(): void {
    this.#state = 'dropped'
    this.#letGo()
  }

  /** Whoever read has failed. */
  fail(error: unknown): void {
    this.#failure = { error }
    this.drop()
  }

  /** For one reader. */
  async *chunks(): AsyncGenerator<Uint8Array, void> {
    try {
      for (;;) {
        if (this.#state === 'aborted') {
          throw new SmtpServerError('SMTP_SERVER_CONTENT_ABORTED', 'the rest of the content will never come')
        }
        const chunk = this.#chunk
        if (chunk !== undefined) {
          yield chunk
          this.#letGo()
        } else if (this.#state === 'open') await this.#more()
        else return
      }
    } finally {
      // The reader may have left early.
      if (this.#state === 'open') this.drop()
      else this.#letGo()
    }
  }

  #become(state: 'ended' | 'aborted'): void {
    if (this.#state !== 'open') return
    this.#state = state
    this.#wake?.()
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined
        resolve()
      }
    })
  }

  #letGo(): void {
    const release = this.#release
    this.#chunk = undefined
    this.#release = undefined
    release?.()
  }
}
