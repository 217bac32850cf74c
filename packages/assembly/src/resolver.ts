/** The resolver that the configuration names. */

import { readFile } from 'node:fs/promises'
import type { ResolverConfig } from '@postroad/config'
import { createSystemResolver, createZoneResolver, type Resolver } from '@postroad/dns'

/** Opens it. Rejects where a zone cannot be read or has faults; the error names each with its line. */
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
      return createZoneResolver(await readFile(resolver.path, 'utf8'))
  }
}
