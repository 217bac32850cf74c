/** The four services in one process, over one store. */

import { createService as createMda } from '@postroad/app-mda'
import { createService as createMsa } from '@postroad/app-msa'
import { createService as createMta } from '@postroad/app-mta'
import { createService as createRelay } from '@postroad/app-relay'
import type { Parts, Service } from '@postroad/assembly'
import type { Config } from '@postroad/config'

/** What a process may do. */
export type Role = 'msa' | 'mta' | 'relay' | 'mda'

/** Every role. */
export const ROLES: readonly Role[] = ['msa', 'mta', 'relay', 'mda']

/**
 * Starts the services that the configuration enables, or those of them that `roles` names; in the order in which they
 * are to be stopped: the doors first. Where one cannot start the others are stopped, and it rejects.
 *
 * With relay and mda in one process, local mail goes straight into mailboxes unless `relay.local.via` is `lmtp`.
 */
export async function createServices(
  config: Config,
  parts: Parts,
  roles: readonly Role[] = ROLES,
): Promise<readonly Service[]> {
  const wanted = (role: Role): boolean => roles.includes(role) && config[role].enabled
  const started: Service[] = []
  try {
    const mda = wanted('mda') ? await createMda(config, parts) : undefined
    if (mda !== undefined) started.unshift(mda)
    if (wanted('relay'))
      started.unshift(await createRelay(config, parts, mda === undefined ? {} : { local: mda.local }))
    if (wanted('mta')) started.unshift(await createMta(config, parts))
    if (wanted('msa')) started.unshift(await createMsa(config, parts))
    return started
  } catch (error) {
    for (const service of started) await service.stop({ deadlineMs: 0 })
    throw error
  }
}
