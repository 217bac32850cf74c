/** Events that wait to be taken: those of one transaction at most. */

import type { ClientEvent } from './client-event.ts'

/** Events in order. */
export class ClientEventQueue {
  readonly #events: ClientEvent[] = []
  #taken = 0

  push(event: ClientEvent): void {
    this.#events.push(event)
  }

  /** The next; `undefined` where none waits. */
  next(): ClientEvent | undefined {
    const event = this.#events[this.#taken]
    if (event !== undefined) {
      this.#taken += 1
      return event
    }
    this.#events.length = 0
    this.#taken = 0
    return undefined
  }
}
