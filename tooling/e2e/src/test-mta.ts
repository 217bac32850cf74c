/** The MTA at the other end: takes or refuses recipients as it is told, and keeps what it took. */

import { formatMailbox, type ReversePath } from '@postroad/address'
import { concat } from '@postroad/bytes'
import { reply, type Reply } from '@postroad/envelope'
import { systemClock } from '@postroad/runtime/system'
import type { SessionHandler } from '@postroad/smtp'
import { createSmtpServer } from '@postroad/smtp-server'

/** A message that arrived. */
export interface Arrival {
  readonly reversePath: ReversePath
  readonly recipients: readonly string[]
  readonly content: Uint8Array
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** A running MTA. */
export interface TestMta extends AsyncDisposable {
  readonly port: number
  /** In the order they were taken. */
  readonly arrivals: readonly Arrival[]
}

/**
 * Starts it on a free port of 127.0.0.1.
 *
 * `judge` may refuse a recipient: it is given the address and how often that address was asked for before.
 */
export async function openTestMta(options: {
  readonly hostname: string
  readonly judge?: (recipient: string, asked: number) => Reply | undefined
  readonly onArrival?: (arrival: Arrival) => void
}): Promise<TestMta> {
  const arrivals: Arrival[] = []
  const asked = new Map<string, number>()
  const accepted = reply(250, '2.1.5', 'OK')

  const handler = (): SessionHandler => {
    let reversePath: ReversePath = null
    let recipients: string[] = []
    return {
      mail(mail) {
        reversePath = mail.reversePath
        recipients = []
        return reply(250, '2.1.0', 'OK')
      },
      rcpt({ forwardPath }) {
        const recipient = forwardPath === 'postmaster' ? 'postmaster' : formatMailbox(forwardPath)
        const before = asked.get(recipient) ?? 0
        asked.set(recipient, before + 1)
        const refusal = options.judge?.(recipient, before)
        if (refusal === undefined) recipients.push(recipient)
        return refusal ?? accepted
      },
      content() {
        const chunks: Uint8Array[] = []
        return {
          write: (bytes) => void chunks.push(bytes.slice()),
          end() {
            const arrival = { reversePath, recipients, content: concat(chunks), at: systemClock.now() }
            arrivals.push(arrival)
            options.onArrival?.(arrival)
            return reply(250, '2.0.0', 'taken')
          },
          abort: () => undefined,
        }
      },
    }
  }

  const server = createSmtpServer({ hostname: options.hostname, protocol: 'smtp', handler, clock: systemClock })
  const listening = await server.listen({ host: '127.0.0.1', port: 0 })
  if (!('port' in listening)) throw new Error('the test MTA has no port')
  return {
    port: listening.port,
    arrivals,
    [Symbol.asyncDispose]: () => server.stop({ deadlineMs: 0 }),
  }
}
