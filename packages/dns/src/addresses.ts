/** Both families of addresses of one name. */

import type { DnsAnswer, Resolver } from './resolver.ts'

/** A family of addresses: 4 for A, 6 for AAAA records. */
export type AddressFamily = 4 | 6

/**
 * Looks up the addresses of a name in every family, at the same time, and joins them in the order of the families.
 *
 * Where one family gives records and the other fails the records are the answer: what can be reached is tried. Where
 * none gives records, a failure of one is the answer, so that nothing is called final that was not learned.
 *
 * @param families Which, preferred first; default both, IPv6 first.
 */
export async function lookUpAddresses(
  resolver: Pick<Resolver, 'a' | 'aaaa'>,
  name: string,
  families: readonly AddressFamily[] = [6, 4],
): Promise<DnsAnswer<string>> {
  const answers = await Promise.all(families.map((family) => (family === 4 ? resolver.a(name) : resolver.aaaa(name))))
  const records = answers.flatMap((answer) => (answer.kind === 'records' ? answer.records : []))
  if (records.length > 0) return { kind: 'records', records }
  const failure = answers.find((answer) => answer.kind === 'failure')
  if (failure !== undefined) return failure
  const isMissing = answers.length > 0 && answers.every((answer) => answer.kind === 'no-such-name')
  return { kind: isMissing ? 'no-such-name' : 'none' }
}
