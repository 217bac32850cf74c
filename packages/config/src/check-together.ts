/** What is wrong with settings that are each right: pairs that need one another. */

import { isIPv4 } from 'node:net'
import type { Config } from './config.ts'
import type { ConfigProblem, Origin } from './problem.ts'

/** The problems between settings. A rule is skipped where one of its settings has a problem of its own. */
export function checkTogether(
  config: Config,
  origins: ReadonlyMap<string, Origin>,
  faulty: ReadonlySet<string>,
): readonly ConfigProblem[] {
  const given = (key: string): boolean => (origins.get(key)?.kind ?? 'default') !== 'default'
  const problems: ConfigProblem[] = []
  const demand = (holds: boolean, keys: readonly [string, ...string[]], accepted: string): void => {
    if (holds || keys.some((key) => faulty.has(key))) return
    const [key] = keys
    const origin = origins.get(key)
    const place = origin?.kind === 'file' ? origin : undefined
    problems.push({
      key,
      line: place?.line,
      column: place?.column,
      origin,
      seen: undefined,
      accepted,
      nearest: undefined,
    })
  }

  const { certificate, key } = config.tls
  demand(certificate === undefined || key !== undefined, ['tls.certificate', 'tls.key'], 'together with tls.key')
  demand(
    key === undefined || certificate !== undefined,
    ['tls.key', 'tls.certificate'],
    'together with tls.certificate',
  )
  demand(
    config.msa.listenTls.length === 0 || (certificate !== undefined && key !== undefined),
    ['msa.listen-tls', 'tls.certificate', 'tls.key'],
    'together with tls.certificate and tls.key',
  )
  const { tls: toStore } = config.store
  demand(
    (toStore.certificate === undefined) === (toStore.key === undefined),
    [
      toStore.certificate === undefined ? 'store.tls.key' : 'store.tls.certificate',
      'store.tls.certificate',
      'store.tls.key',
    ],
    'store.tls.certificate and store.tls.key together',
  )
  for (const setting of ['port', 'tls', 'username', 'password']) {
    demand(
      config.relay.smartHost !== undefined || !given(`relay.smart-host.${setting}`),
      [`relay.smart-host.${setting}`, 'relay.smart-host.host'],
      'together with relay.smart-host.host',
    )
  }
  const { host, username, password, tls } = config.relay.smartHost ?? {}
  demand(
    (username === undefined) === (password === undefined),
    [
      username === undefined ? 'relay.smart-host.password' : 'relay.smart-host.username',
      'relay.smart-host.username',
      'relay.smart-host.password',
    ],
    'username and password together',
  )
  // A password leaves this machine only under TLS, and only to a host whose certificate was checked.
  demand(
    password === undefined || tls === 'required' || tls === 'implicit' || isLoopback(host),
    ['relay.smart-host.tls', 'relay.smart-host.password'],
    '"required" or "implicit" where there is a password',
  )
  return problems
}

function isLoopback(host: string | undefined): boolean {
  return host === 'localhost' || host === '::1' || (host !== undefined && isIPv4(host) && host.startsWith('127.'))
}
