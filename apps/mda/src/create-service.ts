/** The delivery service: an LMTP server with the mda as its policy, writing Maildirs. */

import { findPostmaster, listenAll, type Parts, type Service } from '@postroad/assembly'
import type { Config } from '@postroad/config'
import { openMaildirStore } from '@postroad/mailstore-maildir'
import { createLocalDelivery, createMda, type MailboxDeliveryOptions } from '@postroad/mda'
import { observeMda, observeServer } from '@postroad/observe'
import { createSmtpServer } from '@postroad/smtp-server'

/** A delivery service, with the way into the same mailboxes for a relay in this process. */
export interface MdaService extends Service {
  readonly local: { deliver: ReturnType<typeof createLocalDelivery>['deliver'] }
}

/** Starts it: it listens when the promise resolves. Rejects where the mail folder or an endpoint cannot be opened. */
export async function createService(
  config: Config,
  parts: Pick<Parts, 'directory' | 'clock' | 'random' | 'log'>,
): Promise<MdaService> {
  const { hostname, mda } = config
  const { directory, clock, random, log } = parts
  const mailstore = await openMaildirStore({ path: mda.maildir, hostname, clock, random })
  const options: MailboxDeliveryOptions = { directory, mailstore, observer: observeMda(log) }
  const server = createSmtpServer({
    hostname,
    protocol: 'lmtp',
    handler: createMda({ ...options, clock, hostname, postmaster: await findPostmaster(directory, hostname) }),
    // What was accepted at the door is delivered, whatever its size: a limit here would only make it bounce.
    limits: { maxMessageBytes: Number.POSITIVE_INFINITY },
    clock,
    observer: observeServer(log),
  })
  const service = await listenAll('mda', [{ purpose: 'lmtp', server, endpoints: mda.listen }])
  return {
    ...service,
    local: createLocalDelivery(options),
    async stop(stopping) {
      await service.stop(stopping)
      await mailstore[Symbol.asyncDispose]()
    },
  }
}
