/**
 * Brings one envelope to its destination: our own delivery agent, a host that is told, or the hosts that DNS names.
 *
 * Several hosts are tried in turn until one has been offered the message (RFC 5321 §5.1); after that its word stands.
 */

import type { Domain } from '@postroad/address'
import type { Delivery, DeliveryReport, DeliveryRequest } from '@postroad/delivery'
import { selectMxHosts, type Resolver } from '@postroad/dns'
import type { RecipientOutcome } from '@postroad/envelope'
import type { Destination, TlsMode } from '@postroad/routes'
import type { Random } from '@postroad/runtime'
import type { HostDestination } from '@postroad/smtp-client'

/** The ways out. */
export interface TransportOptions {
  /** Takes what is local: straight into mailboxes, or to an mda by LMTP. */
  readonly local: Delivery<{ readonly transport: 'local' }>
  /** Speaks SMTP and LMTP to one host. */
  readonly host: Delivery<HostDestination>
  /** Asked for the MX hosts of a domain at each attempt; hosts of the routes are left to `host`. */
  readonly resolver: Resolver
  /** Orders MX hosts of equal preference (RFC 5321 §5.1). */
  readonly random: Random
  /** Names under which other hosts know us: an MX with one of them is ourselves (RFC 5321 §5.1). */
  readonly ownNames: readonly string[]
  /** Port of MX hosts. Default 25. */
  readonly mxPort?: number
  /** TLS towards MX hosts. Default `opportunistic` (RFC 7435). */
  readonly mxTls?: TlsMode
  /** Whether MX hosts may have private, loopback and other addresses that are not global. Default false. */
  readonly allowPrivateAddresses?: boolean
  /** Most addresses tried in one attempt. Default 5; RFC 5321 §5.1 asks for at least two. */
  readonly maxAddresses?: number
  /** Name and password for a host of the routes; `undefined` where none are needed. */
  readonly credentials?: (host: string, port: number) => HostDestination['credentials'] | undefined
}

type Request = Omit<DeliveryRequest<Destination>, 'destination'>

/** Delivers to any destination of the routes. Rejects only for a fault of ours. */
export function deliverTo(
  options: TransportOptions,
  destination: Destination,
  request: Request,
): Promise<DeliveryReport> {
  switch (destination.transport) {
    case 'local':
      return options.local.deliver({ ...request, destination })
    case 'host': {
      const { transport: _transport, ...host } = destination
      const credentials = options.credentials?.(host.host, host.port)
      return options.host.deliver({
        ...request,
        destination: { ...host, ...(credentials !== undefined && { credentials }) },
      })
    }
    case 'mx':
      return deliverToMx(options, destination.domain, request)
  }
}

async function deliverToMx(options: TransportOptions, domain: Domain, request: Request): Promise<DeliveryReport> {
  const { resolver, random, ownNames } = options
  const selection = await selectMxHosts({
    resolver,
    domain,
    random,
    ownNames,
    allowPrivateAddresses: options.allowPrivateAddresses ?? false,
  })
  if (selection.kind === 'failed') {
    return decided(request, {
      kind: 'failed',
      reply: undefined,
      status: selection.status,
      reason: selection.text,
    })
  }
  if (selection.kind === 'deferred') {
    return decided(request, {
      kind: 'deferred',
      reply: undefined,
      status: selection.status,
      reason: selection.text,
    })
  }

  let report: DeliveryReport | undefined
  let left = options.maxAddresses ?? 5
  for (const [index, { name, addresses }] of selection.hosts.entries()) {
    // The hosts behind get an address each where they can: a host with many dead ones must not hide them.
    const behind = selection.hosts.length - 1 - index
    for (const address of addresses.slice(0, Math.max(1, left - behind))) {
      if (left <= 0 || request.signal.aborted) break
      left -= 1
      report = await options.host.deliver({
        ...quiet(request),
        destination: {
          protocol: 'smtp',
          host: name,
          address,
          port: options.mxPort ?? 25,
          tls: options.mxTls ?? 'opportunistic',
        },
      })
      if (wasOffered(report)) return told(request, report)
    }
  }
  return report === undefined
    ? decided(request, { kind: 'deferred', reply: undefined, status: '4.4.1' })
    : told(request, report)
}

/** Whether the peer got as far as the mail transaction: then another host would be asked the same question again. */
function wasOffered({ phase }: DeliveryReport): boolean {
  return phase !== 'connect' && phase !== 'greeting' && phase !== 'hello' && phase !== 'tls' && phase !== 'auth'
}

/** Outcomes of a host that could not be reached are not told: the next host may do better. */
function quiet({ onOutcome: _onOutcome, ...request }: Request): Request {
  return request
}

function told(request: Request, report: DeliveryReport): DeliveryReport {
  report.outcomes.forEach((outcome, index) => request.onOutcome?.(index, outcome))
  return report
}

/** The same outcome for everybody, before anybody was asked. */
function decided(request: Request, outcome: RecipientOutcome): DeliveryReport {
  return told(request, { outcomes: request.envelope.recipients.map(() => outcome), phase: 'connect', peer: undefined })
}
