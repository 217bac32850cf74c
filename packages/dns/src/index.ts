/**
 * What mail asks of DNS: a resolver port, the machine's resolver, one over a zone given as text, and the selection of a
 * domain's mail exchangers.
 *
 * @packageDocumentation
 */

// Resolvers
export type { DnsAnswer, MxRecord, Resolver } from './resolver.ts'
export { createSystemResolver } from './system-resolver.ts'
export type { SystemResolverOptions } from './system-resolver.ts'
export { createZoneResolver } from './zone-resolver.ts'
export type { ZoneResolverOptions } from './zone-resolver.ts'
export { parseZone, ZoneError } from './zone.ts'
export type { Zone, ZoneProblem } from './zone.ts'

// Hosts of a domain
export { selectMxHosts } from './mx-selection.ts'
export type { MxHost, MxRequest, MxSelection } from './mx-selection.ts'

// Names and addresses
export { lookUpAddresses } from './addresses.ts'
export type { AddressFamily } from './addresses.ts'
export { isPublicAddress, parseIpAddress } from './ip-address.ts'
export { canonicalName, reverseName } from './name.ts'
