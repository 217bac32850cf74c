/** The submission service: an SMTP server with STARTTLS, one with TLS first, both with the msa as their policy. */

import { findPostmaster, listenAll, type Parts, type PlannedListener, type Service } from '@postroad/assembly'
import type { Config } from '@postroad/config'
import { createIntake } from '@postroad/intake'
import { createMsa } from '@postroad/msa'
import { observeIntake, observeServer } from '@postroad/observe'
import { createSmtpServer, type SmtpServerOptions } from '@postroad/smtp-server'

/** Starts it: it listens when the promise resolves. Rejects where an endpoint cannot be opened. */
export async function createService(config: Config, parts: Parts): Promise<Service> {
  const { hostname, msa } = config
  const { directory, routes, clock, random, log, tls } = parts
  if (tls === undefined && !msa.allowPlaintextAuth) {
    log.warn({ event: 'service.degraded', service: 'msa' }, 'without [tls] nobody can log in, so nobody can submit')
  }
  const store = await parts.openStore()
  const intake = createIntake({ store, directory, routes, clock, random, hostname, observer: observeIntake(log) })
  const options: SmtpServerOptions = {
    hostname,
    protocol: 'submission',
    handler: createMsa({
      intake,
      directory,
      clock,
      hostname,
      postmaster: await findPostmaster(directory, hostname),
      maxRecipients: msa.maxRecipients,
    }),
    mechanisms: ['PLAIN', 'LOGIN'],
    allowPlaintextAuth: msa.allowPlaintextAuth,
    limits: { maxMessageBytes: msa.maxMessageSizeBytes, maxRecipients: msa.maxRecipients },
    clock,
    observer: observeServer(log),
  }
  const planned: PlannedListener[] = [
    {
      purpose: 'submission',
      server: createSmtpServer({ ...options, ...(tls !== undefined && { tls }) }),
      endpoints: msa.listen,
    },
  ]
  if (tls !== undefined) {
    planned.push({
      purpose: 'submissions',
      server: createSmtpServer({ ...options, tls: { ...tls, implicit: true } }),
      endpoints: msa.listenTls,
    })
  }
  return listenAll('msa', planned)
}
