/** A resolver over a zone given as text, for tests, demonstrations and closed networks. */

import { lookUpAddresses } from './addresses.ts'
import { canonicalName, reverseName } from './name.ts'
import type { DnsAnswer, Resolver } from './resolver.ts'
import { parseZone } from './zone.ts'

/** Longest chain of CNAME records followed. */
const MAX_CNAME_CHAIN = 8

/** What the resolver does beside the zone. */
export interface ZoneResolverOptions {
  /** Names whose lookups fail, as when no server of theirs answers. */
  readonly failing?: readonly string[]
}

/**
 * Creates a resolver that knows what the zone says and nothing else; the format is that of `parseZone`.
 *
 * @throws {ZoneError} `DNS_ZONE_INVALID` with every problem of the text.
 */
export function createZoneResolver(zoneText: string, options: ZoneResolverOptions = {}): Resolver {
  const zone = parseZone(zoneText)
  const failing = new Set(options.failing?.map((name) => canonicalName(name) ?? name))

  const find = <DnsRecord>(
    name: string | undefined,
    records: ReadonlyMap<string, readonly DnsRecord[]>,
  ): DnsAnswer<DnsRecord> => {
    let owner = name === undefined ? undefined : canonicalName(name)
    for (let step = 0; step <= MAX_CNAME_CHAIN; step += 1) {
      if (owner === undefined) return { kind: 'no-such-name' }
      if (failing.has(owner)) return { kind: 'failure', reason: 'SERVFAIL' }
      const found = records.get(owner)
      if (found !== undefined) return { kind: 'records', records: found }
      const target = zone.cname.get(owner)
      if (target === undefined) return { kind: zone.names.has(owner) ? 'none' : 'no-such-name' }
      owner = target
    }
    return { kind: 'failure', reason: 'CNAME chain too long' }
  }

  const a = async (name: string): Promise<DnsAnswer<string>> => find(name, zone.a)
  const aaaa = async (name: string): Promise<DnsAnswer<string>> => find(name, zone.aaaa)
  return {
    mx: async (name) => find(name, zone.mx),
    a,
    aaaa,
    addresses: (name) => lookUpAddresses({ a, aaaa }, name),
    ptr: async (address) => find(reverseName(address), zone.ptr),
  }
}
