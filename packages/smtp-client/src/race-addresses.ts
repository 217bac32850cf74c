/**
 * Happy eyeballs (RFC 8305): the addresses of a host are tried one after the other, each a little later than the one
 * before and at once where that one failed; the first that answers wins, and the others are given up.
 *
 * However many there are: one promise, one sleeper, and as many attempts under way as began within the caller's patience.
 */

import { isIPv6 } from 'node:net'
import type { Clock } from '@postroad/runtime'

/** RFC 8305: the recommended time between two attempts. */
export const ATTEMPT_DELAY_MS = 250

/** What an attempt gives: whatever can be thrown away. */
export interface Destroyable {
  destroy(): unknown
}

/** How the race is run. */
export interface RaceOptions<Connected> {
  /** One at least, in the order in which they are tried. */
  readonly addresses: readonly string[]
  /** Calls one address; gives up when its signal fires. What it gives after that is destroyed. */
  readonly attempt: (address: string, signal: AbortSignal) => Promise<Connected>
  readonly clock: Clock
  /** Ends the race. */
  readonly signal: AbortSignal
  /** Default 250 ms. */
  readonly attemptDelayMs?: number
}

/**
 * Gives the first connection. Rejects where none was made, with the error of the only attempt, or an `AggregateError`
 * whose message names each address and what was wrong with it.
 */
export function raceAddresses<Connected extends Destroyable>(options: RaceOptions<Connected>): Promise<Connected> {
  return new Promise((resolve, reject) => new Race(options, resolve, reject).begin())
}

/**
 * The addresses in turns of their families, beginning with the family of the first (RFC 8305); the order within a
 * family stays.
 */
export function interleave(addresses: readonly string[]): string[] {
  const first = isIPv6(addresses[0] ?? '')
  const preferred = addresses.filter((address) => isIPv6(address) === first)
  const others = addresses.filter((address) => isIPv6(address) !== first)
  const turns: string[] = []
  for (let turn = 0; turn < addresses.length; turn += 1) {
    const [one, other] = [preferred[turn], others[turn]]
    if (one !== undefined) turns.push(one)
    if (other !== undefined) turns.push(other)
  }
  return turns
}

class Race<Connected extends Destroyable> {
  readonly #options: RaceOptions<Connected>
  readonly #resolve: (connected: Connected) => void
  readonly #reject: (error: Error) => void
  readonly #errors: { readonly address: string; readonly error: Error }[] = []
  /** Fires for every attempt and for the sleeper once the race is over. */
  readonly #over = new AbortController()
  #pause: AbortController | undefined
  #begun = 0

  constructor(
    options: RaceOptions<Connected>,
    resolve: (connected: Connected) => void,
    reject: (error: Error) => void,
  ) {
    this.#options = options
    this.#resolve = resolve
    this.#reject = reject
  }

  begin(): void {
    const { signal } = this.#options
    if (signal.aborted) return this.#givenUp()
    signal.addEventListener('abort', this.#givenUp, { once: true })
    this.#next()
  }

  readonly #givenUp = (): void => {
    this.#end()
    this.#reject(new Error('The call was given up.'))
  }

  #next(): void {
    this.#pause?.abort()
    const { addresses, attempt, clock, attemptDelayMs = ATTEMPT_DELAY_MS } = this.#options
    const address = addresses[this.#begun]
    if (address === undefined) return
    this.#begun += 1
    attempt(address, this.#over.signal).then(
      (connected) => this.#won(connected),
      (error: unknown) => this.#lost(address, error),
    )
    if (this.#begun === addresses.length) return
    const pause = new AbortController()
    this.#pause = pause
    void clock.sleep(attemptDelayMs, pause.signal).then(() => {
      if (!pause.signal.aborted) this.#next()
      return undefined
    })
  }

  #won(connected: Connected): void {
    if (this.#over.signal.aborted) {
      connected.destroy()
      return
    }
    this.#end()
    this.#resolve(connected)
  }

  #lost(address: string, error: unknown): void {
    if (this.#over.signal.aborted) return
    this.#errors.push({
      address,
      error: error instanceof Error ? error : new Error('The call failed.', { cause: error }),
    })
    const { addresses } = this.#options
    // RFC 8305: who failed is not waited for.
    if (this.#begun < addresses.length) return this.#next()
    if (this.#errors.length < addresses.length) return
    this.#end()
    this.#reject(joined(this.#errors))
  }

  #end(): void {
    this.#pause?.abort()
    this.#over.abort()
    this.#options.signal.removeEventListener('abort', this.#givenUp)
  }
}

function joined(errors: readonly { readonly address: string; readonly error: Error }[]): Error {
  const [only] = errors
  if (only !== undefined && errors.length === 1) return only.error
  const texts = errors.map(({ address, error }) => `${address}: ${error.message}`)
  return new AggregateError(
    errors.map(({ error }) => error),
    texts.join('; '),
  )
}
