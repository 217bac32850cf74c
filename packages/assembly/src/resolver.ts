/** The resolver that the configuration names. */

import { readFile } from 'node:fs/promises'
import { reasonOf, type ResolverConfig } from '@postroad/config'
import { createSystemResolver, createZoneResolver, type Resolver } from '@postroad/dns'
import { CannotOpenError, opening } from './cannot-open.ts'

/**
 * Makes the resolver; nobody is asked yet. A zone file is read here, once.
 *
 * @throws {CannotOpenError} where a zone cannot be read or has faults; its sentence names each with its line.
 */
export async function openResolver(resolver: ResolverConfig): Promise<Resolver> {
  switch (resolver.kind) {
    case 'system':
      return createSystemResolver()
    case 'servers':
      return createSystemResolver({
        servers: resolver.servers.map(({ host, port }) =>
          host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
        ),
      })
    case 'zone':
      return openZone(resolver.path)
  }
}

async function openZone(path: string): Promise<Resolver> {
  const text = await opening('relay.resolver', `cannot read ${path}`, readFile(path, 'utf8'))
  try {
    return createZoneResolver(text)
  } catch (error) {
    throw new CannotOpenError('relay.resolver', `cannot use ${path}: ${reasonOf(error)}`, error)
  }
}
