/** Our delivery with its pool. */

import { systemClock } from '@postroad/runtime/system'
import { createSmtpDelivery, type HostDestination } from '@postroad/smtp-client'
import { contentOf, envelopeFor } from './message.ts'
import type { Sender, SenderOptions } from './senders.ts'

/** Opens it; connections are made as they are needed and kept. */
export function openPostroadSender({ port, callers, sizeBytes, recipients }: SenderOptions): Sender {
  const delivery = createSmtpDelivery({
    hostname: 'client.example.org',
    clock: systemClock,
    pool: { maxIdlePerDestination: callers, maxUses: Number.POSITIVE_INFINITY, maxIdleMs: 600_000 },
  })
  const destination: HostDestination = {
    protocol: 'smtp',
    host: 'mx.example.net',
    address: '127.0.0.1',
    port,
    tls: 'none',
  }
  const envelope = envelopeFor(recipients)
  const content = contentOf(sizeBytes)
  const { signal } = new AbortController()
  return {
    send: async () => {
      const { outcomes, phase } = await delivery.deliver({ envelope, content, destination, signal })
      const bad = outcomes.find(({ kind }) => kind !== 'delivered')
      if (bad !== undefined) throw new Error(`A message was not taken (${phase}): ${JSON.stringify(bad)}`)
    },
    close: async () => delivery[Symbol.asyncDispose](),
  }
}
