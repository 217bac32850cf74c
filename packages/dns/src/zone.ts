/**
 * Zones as text: a subset of the master file format (RFC 1035 §5.1).
 *
 * A line is `[name] [TTL] [IN] type data`, in any case; a line that begins with a blank repeats the last name; `;`
 * begins a comment; `@` is the origin; `$ORIGIN` sets it and `$TTL` is read and passed over, as all TTLs are. A name
 * without a final dot is below the origin; the origin is the root until it is set, so that whole names need no dot.
 * Types: A, AAAA, MX, CNAME, PTR. SOA, NS, TXT, SRV, CAA, DS, DNSKEY and TLSA make their name exist and are not kept.
 *
 * Limits: one line for each record (no parentheses), no quoted names, no `\` escapes, no wildcards, no `$INCLUDE`.
 */

import { isIPv4, isIPv6 } from 'node:net'
import { canonicalName } from './name.ts'
import type { MxRecord } from './resolver.ts'

/** The records of a zone by the canonical names of their owners (`canonicalName`), those of one name as they came. */
export interface Zone {
  /** Preference and host, as in `MxRecord`. */
  readonly mx: ReadonlyMap<string, readonly MxRecord[]>
  /** IPv4 addresses, as they were written. */
  readonly a: ReadonlyMap<string, readonly string[]>
  /** IPv6 addresses in lower case, otherwise as they were written. */
  readonly aaaa: ReadonlyMap<string, readonly string[]>
  /** Canonical names; the owners are names such as `1.2.0.192.in-addr.arpa` (see `reverseName`). */
  readonly ptr: ReadonlyMap<string, readonly string[]>
  /** The canonical name that an alias leads to, which need not exist. Other records of the alias are not refused. */
  readonly cname: ReadonlyMap<string, string>
  /** Every name that exists: owners, and what stands above them (RFC 8020 §2). */
  readonly names: ReadonlySet<string>
}

/** What is wrong with a line. */
export interface ZoneProblem {
  /** Counted from 1. */
  readonly line: number
  /** A sentence. */
  readonly message: string
}

/** The text is no zone. */
export class ZoneError extends Error {
  override readonly name = 'ZoneError'
  /** The only code. */
  readonly code = 'DNS_ZONE_INVALID' as const
  /** One at least, in the order of the lines. */
  readonly problems: readonly ZoneProblem[]

  constructor(problems: readonly ZoneProblem[]) {
    super(problems.map(({ line, message }) => `line ${line}: ${message}`).join('\n'))
    this.problems = problems
  }
}

/**
 * Reads a zone: lines `[name] [TTL] [IN] type data`, a subset of the master file format (RFC 1035 §5.1) without
 * parentheses, quotes, escapes, wildcards and `$INCLUDE`. A, AAAA, MX, CNAME and PTR are kept; of other known types only
 * that their name exists. Names without a final dot are below `$ORIGIN`, the root until it is set.
 *
 * @throws {ZoneError} `DNS_ZONE_INVALID` with every problem of the text.
 */
export function parseZone(text: string): Zone {
  const builder = createZoneBuilder()
  const problems: ZoneProblem[] = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const problem = builder.line(line)
    if (problem !== undefined) problems.push({ line: index + 1, message: problem })
  }
  if (problems.length > 0) throw new ZoneError(problems)
  return builder.zone
}

const KEPT_TYPES = ['A', 'AAAA', 'MX', 'CNAME', 'PTR'] as const
type KeptType = (typeof KEPT_TYPES)[number]
const PASSED_TYPES: ReadonlySet<string> = new Set(['SOA', 'NS', 'TXT', 'SRV', 'CAA', 'DS', 'DNSKEY', 'TLSA'])

function createZoneBuilder(): { readonly zone: Zone; line(text: string): string | undefined } {
  const mx = new Map<string, MxRecord[]>()
  const a = new Map<string, string[]>()
  const aaaa = new Map<string, string[]>()
  const ptr = new Map<string, string[]>()
  const cname = new Map<string, string>()
  const names = new Set<string>(['.'])
  let origin = '.'
  let owner: string | undefined

  const nameOf = (text: string): string | undefined => {
    if (text === '@') return origin
    return canonicalName(text.endsWith('.') || origin === '.' ? text : `${text}.${origin}`)
  }

  const addName = (name: string): void => {
    for (let rest = name; !names.has(rest);) {
      names.add(rest)
      const dot = rest.indexOf('.')
      if (dot === -1) return
      rest = rest.slice(dot + 1)
    }
  }

  const store = (type: KeptType, name: string, data: readonly string[]): string | undefined => {
    const [first = '', second = ''] = data
    if (data.length !== (type === 'MX' ? 2 : 1))
      return `${type} needs ${type === 'MX' ? 'a preference and a host' : 'one value'}.`
    switch (type) {
      case 'A':
        return isIPv4(first) ? push(a, name, first) : `"${first}" is no IPv4 address.`
      case 'AAAA':
        return isIPv6(first) ? push(aaaa, name, first.toLowerCase()) : `"${first}" is no IPv6 address.`
      case 'MX': {
        const exchange = nameOf(second)
        if (!/^\d{1,5}$/.test(first) || Number(first) > 65_535) return `"${first}" is no preference from 0 to 65535.`
        return exchange === undefined
          ? `"${second}" is no name.`
          : push(mx, name, { preference: Number(first), exchange })
      }
      default: {
        const target = nameOf(first)
        if (target === undefined) return `"${first}" is no name.`
        if (type === 'PTR') return push(ptr, name, target)
        if (cname.has(name)) return `${name} has two CNAME records.`
        cname.set(name, target)
        return undefined
      }
    }
  }

  return {
    zone: { mx, a, aaaa, ptr, cname, names },
    line(text) {
      const [content = ''] = text.split(';', 1)
      const words = content.split(/[ \t]+/).filter((word) => word !== '')
      const [first] = words
      if (first === undefined) return undefined
      if (first.startsWith('$')) {
        if (first.toUpperCase() === '$TTL') return undefined
        if (first.toUpperCase() !== '$ORIGIN') return `${first} is not supported.`
        const next = words.length === 2 ? nameOf(words[1] ?? '') : undefined
        if (next === undefined) return '$ORIGIN needs one name.'
        origin = next
        return undefined
      }

      const rest = [...words]
      if (!/^[ \t]/.test(content)) {
        rest.shift()
        owner = nameOf(first)
        if (owner === undefined) return `"${first}" is no name.`
      }
      if (owner === undefined) return 'The first record needs a name.'

      // TTL and class may come in either order (RFC 1035 §5.1).
      while (rest[0] !== undefined && (/^\d+[smhdw]?$/i.test(rest[0]) || /^in$/i.test(rest[0]))) rest.shift()
      const type = (rest.shift() ?? '').toUpperCase()
      const kept = KEPT_TYPES.find((known) => known === type)
      if (kept === undefined && !PASSED_TYPES.has(type))
        return type === '' ? 'The type is missing.' : `The type ${type} is not supported.`
      addName(owner)
      return kept === undefined ? undefined : store(kept, owner, rest)
    },
  }
}

function push<Value>(map: Map<string, Value[]>, name: string, value: Value): undefined {
  const values = map.get(name)
  if (values === undefined) map.set(name, [value])
  else values.push(value)
  return undefined
}
