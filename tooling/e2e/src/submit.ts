/** A mail client: one pooled connection or more to the submission port, with STARTTLS and AUTH. */

import { mailboxOf } from '@postroad/address'
import type { RecipientOutcome } from '@postroad/envelope'
import { ContentScanner } from '@postroad/message'
import { systemClock } from '@postroad/runtime/system'
import { createSmtpDelivery } from '@postroad/smtp-client'
import { PASSWORD, type Road } from './road.ts'

/** A client that has an account. */
export interface Submitter extends AsyncDisposable {
  /** Submits one message; an outcome for each recipient. Never rejects for what the server does. */
  submit(message: {
    readonly from: string
    readonly to: readonly string[]
    readonly content: Uint8Array
  }): Promise<readonly RecipientOutcome[]>
}

/** Opens a client of the account `name`. */
export function openSubmitter(road: Road, name: string): Submitter {
  const delivery = createSmtpDelivery({
    hostname: 'client.example.org',
    clock: systemClock,
    trust: { ca: road.ca },
  })
  return {
    async submit({ from, to, content }) {
      const scanner = new ContentScanner()
      scanner.push(content)
      const facts = scanner.finish()
      const { outcomes } = await delivery.deliver({
        envelope: {
          reversePath: mailboxOf(from),
          recipients: to.map((address) => ({ mailbox: mailboxOf(address) })),
          ...(facts.eightBit && { body: '8bitmime' }),
        },
        content: {
          facts,
          async *open() {
            yield content
          },
        },
        destination: {
          protocol: 'smtp',
          host: 'localhost',
          address: '127.0.0.1',
          port: road.ports.submission,
          tls: 'required',
          credentials: { username: name, password: PASSWORD },
        },
        signal: AbortSignal.timeout(60_000),
      })
      return outcomes
    },
    [Symbol.asyncDispose]: () => delivery[Symbol.asyncDispose](),
  }
}
