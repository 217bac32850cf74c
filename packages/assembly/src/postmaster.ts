/** Who gets mail for `<postmaster>` without a domain (RFC 5321 §4.5.1). */

import { parseDomain, type Domain, type Mailbox } from '@postroad/address'
import type { Directory } from '@postroad/directory'

/**
 * The postmaster of the nearest domain that is local, from the machine's name upward: `mail.example.org`, then
 * `example.org`. Where none is local, of the machine's name. Rejects with `DirectoryUnavailableError`.
 *
 * @throws {TypeError} where `hostname` is no domain.
 */
export async function findPostmaster(directory: Directory, hostname: string): Promise<Mailbox> {
  const labels = hostname.split('.')
  for (let index = 0; index < labels.length; index += 1) {
    const parsed = parseDomain(labels.slice(index).join('.'))
    if (parsed.ok && (await directory.domain(parsed.value)) === 'local') return postmasterOf(parsed.value)
  }
  const parsed = parseDomain(hostname)
  if (!parsed.ok) throw new TypeError(`${JSON.stringify(hostname)} is not a domain`)
  return postmasterOf(parsed.value)
}

const postmasterOf = (domain: Domain): Mailbox => ({ localPart: 'postmaster', domain })
