/** Two streams in memory, each the other's far end. */

import { duplexPair, type Duplex } from 'node:stream'

/**
 * As `duplexPair` of Node, and where one is destroyed the other ends, as a socket's would. Node does so by itself from
 * version 24 on.
 */
export function streamPair(): [Duplex, Duplex] {
  const [one, other] = duplexPair()
  const tell = (from: Duplex, to: Duplex): void => {
    from.once('close', () => {
      if (!to.destroyed && !to.readableEnded) to.push(null)
    })
  }
  tell(one, other)
  tell(other, one)
  return [one, other]
}
