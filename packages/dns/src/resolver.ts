/** The port of a resolver: what mail asks of DNS (RFC 1035), with answers as values. */

/**
 * Looks names up. Safe to call from many places at once.
 *
 * Names are text of A-labels with dots (U-labels are not converted here), with or without the final dot, in any case.
 * Every promise resolves within a bound the implementation states; none rejects: what fails is an answer. CNAME records
 * are followed; the records then are those of the name they lead to.
 */
export interface Resolver {
  /** MX records, in the order they came. */
  mx(name: string): Promise<DnsAnswer<MxRecord>>
  /** IPv4 addresses, in the order they came. */
  a(name: string): Promise<DnsAnswer<string>>
  /** IPv6 addresses in lower case, in the order they came. */
  aaaa(name: string): Promise<DnsAnswer<string>>
  /** Addresses of both families, in the order in which they are to be tried: IPv6 first. See `lookUpAddresses`. */
  addresses(name: string): Promise<DnsAnswer<string>>
  /** Names of an address, by its text: `192.0.2.1`, `2001:db8::1`. Text that is no address: `no-such-name`. */
  ptr(address: string): Promise<DnsAnswer<string>>
}

/** What DNS said. */
export type DnsAnswer<DnsRecord> =
  /** One at least. */
  | { readonly kind: 'records'; readonly records: readonly DnsRecord[] }
  /** The name exists and has no such record (RFC 2308 §2.2). */
  | { readonly kind: 'none' }
  /** The name does not exist, and nothing below it (RFC 2308 §2.1, RFC 8020 §2), or cannot exist. */
  | { readonly kind: 'no-such-name' }
  /** Nobody could say: a timeout, SERVFAIL, REFUSED, no server. `reason` is for logs. */
  | { readonly kind: 'failure'; readonly reason: string }

/** One MX record (RFC 1035 §3.3.9). */
export interface MxRecord {
  /** 0 to 65535; the lower is tried first. */
  readonly preference: number
  /** A host's name in lower case without a final dot; `.` alone is the null MX (RFC 7505 §3). */
  readonly exchange: string
}
