/**
 * The resolver of the machine, on Node's `dns` (c-ares).
 *
 * Asks the servers of the system's configuration, or those it is given; never the hosts file. Nothing is cached here:
 * the server asked is expected to be a caching one close by.
 *
 * Bugs: c-ares gives no TTL for MX records and no AD bit, so nothing of DNSSEC can be judged here.
 */

import { Resolver as NodeResolver } from 'node:dns/promises'
import { lookUpAddresses } from './addresses.ts'
import { canonicalName, reverseName } from './name.ts'
import type { DnsAnswer, Resolver } from './resolver.ts'

/** How the machine is asked. */
export interface SystemResolverOptions {
  /** Addresses of servers, with `:port` where it is not 53 (`127.0.0.1:5353`, `[::1]:5353`); default the system's. */
  readonly servers?: readonly string[]
  /** Longest time for one answer, in milliseconds; then it is a `failure`. Default 10,000. */
  readonly timeoutMs?: number
  /** Most lookups under way at once; further ones wait, and their time counts from when they begin. Default 100. */
  readonly maxConcurrent?: number
}

/** Creates the resolver. It holds no socket between lookups and needs no closing. */
export function createSystemResolver(options: SystemResolverOptions = {}): Resolver {
  const { servers, timeoutMs = 10_000, maxConcurrent = 100 } = options
  // Two tries of each server within the time; c-ares doubles the time of the second.
  const node = new NodeResolver({ timeout: Math.max(1, Math.floor(timeoutMs / 3)), tries: 2 })
  if (servers !== undefined) node.setServers(servers)
  return createNodeResolver(node, { timeoutMs, maxConcurrent })
}

/** What is used of Node's resolver; a test gives its own. */
export type NodeLookups = Pick<NodeResolver, 'resolveMx' | 'resolve4' | 'resolve6' | 'resolvePtr'>

/** A resolver over Node's lookups, with a deadline for each and a bound on how many are under way. */
export function createNodeResolver(
  node: NodeLookups,
  { timeoutMs, maxConcurrent }: { readonly timeoutMs: number; readonly maxConcurrent: number },
): Resolver {
  const waiting: (() => void)[] = []
  let running = 0

  const begin = (): Promise<void> | undefined => {
    if (running < maxConcurrent) {
      running += 1
      return undefined
    }
    return new Promise((resolve) => waiting.push(resolve))
  }
  const end = (): void => {
    const next = waiting.shift()
    if (next === undefined) running -= 1
    else next()
  }

  const ask = async <DnsRecord>(
    name: string | undefined,
    look: (name: string) => Promise<readonly DnsRecord[]>,
  ): Promise<DnsAnswer<DnsRecord>> => {
    const canonical = name === undefined ? undefined : canonicalName(name)
    if (canonical === undefined) return { kind: 'no-such-name' }
    await begin()
    try {
      return await withinTime(
        timeoutMs,
        judge(() => look(canonical)),
      )
    } finally {
      end()
    }
  }

  const a = (name: string): Promise<DnsAnswer<string>> => ask(name, (asked) => node.resolve4(asked))
  const aaaa = (name: string): Promise<DnsAnswer<string>> =>
    ask(name, async (asked) => (await node.resolve6(asked)).map(lower))
  return {
    mx: (name) =>
      ask(name, async (asked) =>
        (await node.resolveMx(asked)).map(({ priority, exchange }) => ({
          preference: priority,
          exchange: canonicalName(exchange) ?? (exchange === '' ? '.' : exchange),
        })),
      ),
    a,
    aaaa,
    addresses: (name) => lookUpAddresses({ a, aaaa }, name),
    ptr: (address) =>
      ask(reverseName(address), async (asked) =>
        (await node.resolvePtr(asked)).map((name) => canonicalName(name) ?? name),
      ),
  }
}

const lower = (text: string): string => text.toLowerCase()

/** Turns what c-ares says into an answer. Everything that is not known to be final is a failure. */
async function judge<DnsRecord>(look: () => Promise<readonly DnsRecord[]>): Promise<DnsAnswer<DnsRecord>> {
  try {
    const records = await look()
    return records.length > 0 ? { kind: 'records', records } : { kind: 'none' }
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENODATA') return { kind: 'none' }
    if (code === 'ENOTFOUND' || code === 'EBADNAME') return { kind: 'no-such-name' }
    return { kind: 'failure', reason: REASONS[code] ?? code }
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ETIMEOUT: 'timeout',
  ESERVFAIL: 'SERVFAIL',
  EREFUSED: 'REFUSED',
  ENOTIMP: 'NOTIMP',
  EFORMERR: 'FORMERR',
  EBADRESP: 'malformed answer',
  ECONNREFUSED: 'no server answers',
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : 'unknown fault'
}

async function withinTime<DnsRecord>(
  timeoutMs: number,
  answer: Promise<DnsAnswer<DnsRecord>>,
): Promise<DnsAnswer<DnsRecord>> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<DnsAnswer<DnsRecord>>((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'failure', reason: 'timeout' }), timeoutMs)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
