/**
 * Address literals (RFC 5321 §4.1.3) and their one canonical form.
 *
 *     address-literal  = "[" ( IPv4-address-literal / IPv6-address-literal / General-address-literal ) "]"
 *     IPv4-address-literal  = Snum 3("."  Snum)
 *     IPv6-address-literal  = "IPv6:" IPv6-addr
 *     General-address-literal  = Standardized-tag ":" 1*dcontent
 *
 * IPv6 is written as RFC 5952 says: lower case, the longest run of zero groups as `::`, IPv4-mapped addresses with
 * their IPv4 part in dots.
 */

import { DCONTENT, isOf, LDH, LET_DIG } from './characters.ts'
import type { Domain } from './mailbox.ts'

/** An IP address as text, as a socket takes it. */
export interface LiteralAddress {
  /** 6 for an IPv4-mapped address too (`::ffff:192.0.2.1`). */
  readonly family: 4 | 6
  /** `192.0.2.1` or `2001:db8::1`, without brackets and tag. */
  readonly address: string
}

/** Whether the domain is an address literal, not a name. */
export function isAddressLiteral(domain: Domain): boolean {
  return domain.startsWith('[')
}

/** The IP address of a literal; `undefined` for a name, and for a literal of another kind than IPv4 and IPv6. */
export function literalAddress(domain: Domain): LiteralAddress | undefined {
  if (!isAddressLiteral(domain)) return undefined
  const content = domain.slice(1, -1)
  if (content.startsWith('IPv6:')) return { family: 6, address: content.slice(5) }
  return parseIpv4(content) === undefined ? undefined : { family: 4, address: content }
}

/**
 * The canonical form of what stands between the brackets; `undefined` where it is no address.
 *
 * A Standardized-tag must be registered (RFC 5321 §4.1.3) and `IPv6` is the only one that is; so a general literal is
 * taken only where the caller knows its tag.
 *
 * @param tags Further tags to take, in any case.
 * @param shortGap Takes a `::` for one group of zeros too, as RFC 5322 §3.4.1 does not forbid in a header.
 */
export function canonicalLiteral(content: string, tags: readonly string[], shortGap = false): string | undefined {
  const ipv4 = parseIpv4(content)
  if (ipv4 !== undefined) return formatIpv4(ipv4)
  const colon = content.indexOf(':')
  const tag = content.slice(0, Math.max(0, colon)).toLowerCase()
  const rest = content.slice(colon + 1)
  if (tag === 'ipv6') {
    const groups = parseIpv6(rest, shortGap ? 1 : 2)
    return groups && `IPv6:${formatIpv6(groups)}`
  }
  if (!isTag(tag) || !tags.some((known) => known.toLowerCase() === tag)) return undefined
  if (rest.length === 0) return undefined
  for (let at = 0; at < rest.length; at += 1) if (!isOf(rest.charCodeAt(at), DCONTENT)) return undefined
  return `${tag}:${rest}`
}

/** Ldh-str: letters, digits and hyphens, not ending in a hyphen. */
function isTag(tag: string): boolean {
  for (let at = 0; at < tag.length; at += 1) if (!isOf(tag.charCodeAt(at), LDH)) return false
  return isOf(tag.charCodeAt(tag.length - 1), LET_DIG)
}

/** An IPv4 address as a number of 32 bits; `undefined` where the text is none. Snum may have leading zeros. */
function parseIpv4(text: string): number | undefined {
  let address = 0
  let dots = 0
  let digits = 0
  let octet = 0
  for (let at = 0; at <= text.length; at += 1) {
    const code = at === text.length ? 0x2e : text.charCodeAt(at)
    if (code === 0x2e) {
      if (digits === 0 || octet > 255) return undefined
      address = address * 256 + octet
      dots += 1
      digits = 0
      octet = 0
    } else {
      if (code < 0x30 || code > 0x39 || digits === 3 || dots === 4) return undefined
      octet = octet * 10 + code - 0x30
      digits += 1
    }
  }
  return dots === 4 ? address : undefined
}

function formatIpv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`
}

/**
 * Eight groups of 16 bits; `undefined` where the text is no IPv6-addr.
 *
 *     IPv6-addr  = IPv6-full / IPv6-comp / IPv6v4-full / IPv6v4-comp
 *
 * `::` stands for two groups of zeros or more (RFC 5321 §4.1.3), not for one as elsewhere: `leastZeros`.
 */
function parseIpv6(text: string, leastZeros: number): readonly number[] | undefined {
  let groupsText = text
  let tail: readonly number[] = []
  if (text.includes('.')) {
    const colon = text.lastIndexOf(':')
    const ipv4 = parseIpv4(text.slice(colon + 1))
    if (ipv4 === undefined) return undefined
    tail = [ipv4 >>> 16, ipv4 & 0xffff]
    groupsText = text.slice(0, text.endsWith('::', colon + 1) ? colon + 1 : Math.max(0, colon))
  }
  const room = 8 - tail.length
  const gap = groupsText.indexOf('::')
  if (gap === -1) {
    const groups = parseGroups(groupsText)
    return groups?.length === room ? [...groups, ...tail] : undefined
  }
  const before = parseGroups(groupsText.slice(0, gap))
  const after = parseGroups(groupsText.slice(gap + 2))
  if (before === undefined || after === undefined) return undefined
  const zeros = room - before.length - after.length
  return zeros < leastZeros ? undefined : [...before, ...Array.from({ length: zeros }, () => 0), ...after, ...tail]
}

/** `IPv6-hex *(":" IPv6-hex)`, or nothing; `undefined` where it is neither. */
function parseGroups(text: string): readonly number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  for (const group of text.split(':')) {
    if (!/^[0-9a-f]{1,4}$/i.test(group)) return undefined
    groups.push(Number.parseInt(group, 16))
  }
  return groups
}

function formatIpv6(groups: readonly number[]): string {
  let runStart = 0
  let runLength = 0
  let length = 0
  for (const [index, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0
    if (length > runLength) {
      runLength = length
      runStart = index - length + 1
    }
  }
  const hex = groups.map((group) => group.toString(16))
  if (hex.slice(0, 6).join(':') === '0:0:0:0:0:ffff') {
    const [high, low] = groups.slice(6).map((group) => `${group >> 8}.${group & 255}`)
    return `::ffff:${high}.${low}`
  }
  if (runLength < 2) return hex.join(':')
  return `${hex.slice(0, runStart).join(':')}::${hex.slice(runStart + runLength).join(':')}`
}
