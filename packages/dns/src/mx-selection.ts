/**
 * From a domain to the hosts that take its mail, in the order to try them (RFC 5321 §5.1, RFC 7505).
 *
 * At most one MX lookup and, for each of `maxHosts` hosts, one per family: bounded whatever a domain publishes.
 */

import { domainToAscii, isAddressLiteral, literalAddress, type Domain } from '@postroad/address'
import { randomFraction, type Random } from '@postroad/runtime'
import { lookUpAddresses, type AddressFamily } from './addresses.ts'
import { isPublicAddress, parseIpAddress } from './ip-address.ts'
import { canonicalName } from './name.ts'
import type { MxRecord, Resolver } from './resolver.ts'

/** Most addresses given in all. */
const MAX_ADDRESSES = 20

/** What selecting needs. */
export interface MxRequest {
  /** Asked for MX, A and AAAA; for an address literal not at all. */
  readonly resolver: Resolver
  /** A name, of A-labels or U-labels, or an address literal. */
  readonly domain: Domain
  /** Orders hosts of equal preference. */
  readonly random: Random
  /** The names, and addresses, by which this host is known as a mail exchanger; they are never hosts to try. */
  readonly ownNames: readonly string[]
  /**
   * Whether addresses may be tried that are not public (`isPublicAddress`): a domain's owner could else make us connect
   * into our own network. `true` only in tests and closed networks.
   */
  readonly allowPrivateAddresses: boolean
  /** Families to look up, preferred first; default both, IPv6 first. */
  readonly families?: readonly AddressFamily[]
  /** Most hosts to look up, 1 or more; default 10. The least preferred are left out. */
  readonly maxHosts?: number
}

/** What was found. */
export type MxSelection =
  /** One at least, each with one address at least. */
  | { readonly kind: 'hosts'; readonly hosts: readonly MxHost[] }
  /** DNS could not say; later it may. */
  | { readonly kind: 'deferred'; readonly status: '4.4.3'; readonly text: string }
  /**
   * The domain takes no mail: it does not exist or has no host (5.1.2), it says so (5.1.10), its hosts have no address
   * we may use (5.4.4), or we are its best host and do not know it (5.4.6).
   */
  | { readonly kind: 'failed'; readonly status: '5.1.2' | '5.1.10' | '5.4.4' | '5.4.6'; readonly text: string }

/** A host to try, with the addresses to try in this order. */
export interface MxHost {
  /** In lower case without a final dot; for an address literal its text, `[192.0.2.1]`. */
  readonly name: string
  /** 0 for an implicit MX and for an address literal. */
  readonly preference: number
  /** One at least, the families in the order of `MxRequest.families`; at most 20 over all hosts. */
  readonly addresses: readonly string[]
}

/**
 * Finds the hosts of a domain. Never rejects where the resolver keeps its contract.
 *
 * Only addresses that are not public is final (5.4.4): it is what the domain publishes, not an accident of the lookup.
 */
export async function selectMxHosts(request: MxRequest): Promise<MxSelection> {
  const { resolver, domain } = request
  if (isAddressLiteral(domain)) return selectLiteral(request)

  const ascii = domainToAscii(domain)
  const name = ascii.ok ? canonicalName(ascii.value) : undefined
  if (name === undefined) return failed('5.1.2', `The domain ${domain} cannot exist`)

  const answer = await resolver.mx(name)
  switch (answer.kind) {
    case 'failure':
      return deferred(`The mail exchangers of ${domain} could not be looked up: ${answer.reason}`)
    case 'no-such-name':
      return failed('5.1.2', `The domain ${domain} does not exist`)
    case 'none':
      // RFC 5321 §5.1: no MX record at all is an implicit one, of preference 0, that names the domain itself.
      return selectAmong([{ preference: 0, exchange: name }], request, 'implicit')
    default: {
      // RFC 7505 §3: the null MX stands alone; among others it means nothing.
      const records = answer.records.filter(({ exchange }) => exchange !== '.')
      if (records.length === 0) return failed('5.1.10', `The domain ${domain} accepts no mail (null MX)`)
      return selectAmong(records, request, 'published')
    }
  }
}

async function selectAmong(
  records: readonly MxRecord[],
  request: MxRequest,
  origin: 'implicit' | 'published',
): Promise<MxSelection> {
  const { resolver, domain, random, ownNames, families, maxHosts = 10 } = request
  const own = new Set(ownNames.map((name) => canonicalName(name) ?? name))

  const candidates = dropOwn(records, own)
  if (candidates.length === 0) return loops(domain)
  const tried = sortByPreference(candidates, random).slice(0, Math.max(1, maxHosts))

  const looked = await Promise.all(
    tried.map(async ({ preference, exchange }) => ({
      name: exchange,
      preference,
      answer: await lookUpAddresses(resolver, exchange, families),
    })),
  )

  // RFC 5321 §5.1 speaks of names or addresses: an exchanger with one of our addresses is ourselves.
  const ownPreference = Math.min(
    ...looked.map(({ preference, answer }) =>
      answer.kind === 'records' && answer.records.some((address) => own.has(address)) ? preference : Infinity,
    ),
  )
  const others = looked.filter(({ preference }) => preference < ownPreference)
  if (others.length === 0) return loops(domain)

  const hosts: MxHost[] = []
  let left = MAX_ADDRESSES
  let refused = 0
  for (const { name, preference, answer } of others) {
    if (answer.kind !== 'records') continue
    const usable = answer.records.filter((address) => mayUse(address, request))
    refused += answer.records.length - usable.length
    const addresses = usable.slice(0, left)
    left -= addresses.length
    if (addresses.length > 0) hosts.push({ name, preference, addresses })
  }
  if (hosts.length > 0) return { kind: 'hosts', hosts }

  const failure = others.find(({ answer }) => answer.kind === 'failure')
  if (failure?.answer.kind === 'failure')
    return deferred(`The addresses of ${failure.name} could not be looked up: ${failure.answer.reason}`)
  if (refused > 0) return failed('5.4.4', `The mail exchangers of ${domain} have no public address`)
  return origin === 'implicit'
    ? failed('5.1.2', `The domain ${domain} has no mail exchanger and no address`)
    : failed('5.4.4', `The mail exchangers of ${domain} have no address`)
}

function selectLiteral(request: MxRequest): MxSelection {
  const { domain, ownNames } = request
  const address = literalAddress(domain)?.address
  if (address === undefined)
    return failed('5.1.2', `The address literal ${domain} is not of a kind that can be reached`)
  if (ownNames.includes(address) || ownNames.includes(domain)) return loops(domain)
  if (!mayUse(address, request)) return failed('5.4.4', `The address ${domain} is not public`)
  return { kind: 'hosts', hosts: [{ name: domain, preference: 0, addresses: [address] }] }
}

/** RFC 5321 §5.1: where we are among the exchangers, those of our preference and of higher numbers are dropped. */
function dropOwn(records: readonly MxRecord[], own: ReadonlySet<string>): readonly MxRecord[] {
  const ownPreference = Math.min(
    ...records.map(({ preference, exchange }) =>
      own.has(canonicalName(exchange) ?? exchange) ? preference : Infinity,
    ),
  )
  return records.filter(({ preference }) => preference < ownPreference)
}

/** RFC 5321 §5.1: lowest number first, equal ones in random order; a host published twice stands where it is best. */
function sortByPreference(records: readonly MxRecord[], random: Random): readonly MxRecord[] {
  const sorted = records
    .map((record) => ({ record, draw: randomFraction(random) }))
    .toSorted((a, b) => a.record.preference - b.record.preference || a.draw - b.draw)
  const seen = new Set<string>()
  return sorted.flatMap(({ record }) => {
    if (seen.has(record.exchange)) return []
    seen.add(record.exchange)
    return [record]
  })
}

function mayUse(address: string, { allowPrivateAddresses, families = [4, 6] }: MxRequest): boolean {
  const family = parseIpAddress(address)?.length === 4 ? 4 : 6
  return families.includes(family) && (allowPrivateAddresses || isPublicAddress(address))
}

const deferred = (text: string): MxSelection => ({ kind: 'deferred', status: '4.4.3', text })
const failed = (status: '5.1.2' | '5.1.10' | '5.4.4' | '5.4.6', text: string): MxSelection => ({
  kind: 'failed',
  status,
  text,
})
const loops = (domain: Domain): MxSelection =>
  failed('5.4.6', `The mail exchanger of ${domain} is this host, which does not serve it (mail loop)`)
