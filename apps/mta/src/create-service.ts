/** The border service: an SMTP server with the mta as its policy. */

import { findPostmaster, listenAll, type Parts, type Service } from '@postroad/assembly'
import type { Config } from '@postroad/config'
import { createIntake } from '@postroad/intake'
import { createMta } from '@postroad/mta'
import { observeIntake, observeServer } from '@postroad/observe'
import { createSmtpServer } from '@postroad/smtp-server'

/** Starts it: it listens when the promise resolves. Rejects where an endpoint cannot be opened. */
export async function createService(config: Config, parts: Parts): Promise<Service> {
  const { hostname, mta } = config
  const { directory, routes, clock, random, log, tls } = parts
  const store = await parts.openStore()
  const intake = createIntake({ store, directory, routes, clock, random, hostname, observer: observeIntake(log) })
  const server = createSmtpServer({
    hostname,
    protocol: 'smtp',
    handler: createMta({
      intake,
      postmaster: await findPostmaster(directory, hostname),
      maxRecipients: mta.maxRecipients,
    }),
    limits: { maxMessageBytes: mta.maxMessageSizeBytes, maxRecipients: mta.maxRecipients },
    clock,
    observer: observeServer(log),
    ...(tls !== undefined && { tls }),
  })
  return listenAll('mta', [{ purpose: 'smtp', server, endpoints: mta.listen }])
}
