/** The relay service: leases work from the store, delivers it, reports. It listens nowhere. */

import { findPostmaster, openResolver, type Parts, type Service } from '@postroad/assembly'
import { formatEndpoint, type Config } from '@postroad/config'
import type { Delivery } from '@postroad/delivery'
import { createIntake } from '@postroad/intake'
import { observeClient, observeIntake, observeRelay } from '@postroad/observe'
import { createRelay, type TransportOptions } from '@postroad/relay'
import { createSmtpDelivery, type HostDestination } from '@postroad/smtp-client'

/** What may be put in place of the configured ways out. */
export interface RelayParts {
  /** Takes local mail in the same process, in place of LMTP; used where `relay.local.via` is `direct`. */
  readonly local?: TransportOptions['local']
}

/**
 * Starts it. Rejects where the resolver cannot be opened. Where `relay.local.via` is `direct` and there is no local
 * delivery in this process, local mail goes by LMTP, too.
 */
export async function createService(config: Config, parts: Parts, { local }: RelayParts = {}): Promise<Service> {
  const { hostname, relay: settings } = config
  const { directory, routes, clock, random, log } = parts
  const store = await parts.openStore()
  const host = createSmtpDelivery({ hostname, clock, observer: observeClient(log) })
  const { smartHost } = settings
  const relay = createRelay({
    store,
    intake: createIntake({ store, directory, routes, clock, random, hostname, observer: observeIntake(log) }),
    transport: {
      local: settings.local.via === 'lmtp' || local === undefined ? lmtpTo(config, host) : local,
      host,
      resolver: await openResolver(settings.resolver),
      random,
      ownNames: [hostname],
      mxPort: settings.mxPort,
      mxTls: settings.tls,
      allowPrivateAddresses: settings.allowPrivateAddresses,
      credentials: (name, port) =>
        smartHost?.host === name &&
        smartHost.port === port &&
        smartHost.username !== undefined &&
        smartHost.password !== undefined
          ? { username: smartHost.username, password: smartHost.password }
          : undefined,
    },
    clock,
    random,
    hostname,
    postmaster: await findPostmaster(directory, hostname),
    schedule: {
      retryMs: settings.retryMs,
      giveUpAfterMs: settings.giveUpAfterMs,
      delayNoticeAfterMs: settings.delayNoticeAfterMs,
    },
    concurrency: settings.concurrency,
    leaseMs: settings.leaseMs,
    observer: observeRelay(log),
  })

  const stopping = new AbortController()
  let graceMs = 0
  // `run` reads the grace when it begins to stop.
  const options = {
    get graceMs() {
      return graceMs
    },
  }
  const running = relay.run(stopping.signal, options)
  return {
    name: 'relay',
    listening: [],
    async stop({ deadlineMs }) {
      graceMs = deadlineMs
      stopping.abort()
      await running
      await host[Symbol.asyncDispose]()
    },
  }
}

/** Local delivery by LMTP to the mda (RFC 2033). */
function lmtpTo({ relay }: Config, host: Delivery<HostDestination>): TransportOptions['local'] {
  const { lmtp } = relay.local
  const destination: HostDestination =
    'path' in lmtp
      ? { protocol: 'lmtp', host: formatEndpoint(lmtp), port: 0, tls: 'none' }
      : { protocol: 'lmtp', host: lmtp.host, port: lmtp.port, tls: 'none' }
  return { deliver: (request) => host.deliver({ ...request, destination }) }
}
