/**
 * Where Redis is, as one text: a server, the nodes of a Redis Cluster, or the Sentinels that know the master.
 *
 * Several hosts are parted by commas, which URLs do not have: so it is taken apart here. What it means is for the store.
 */

import { type Kind, quote, read } from './kind.ts'
import { MASK } from './own-kind.ts'

/** Scheme, credentials, hosts, what follows. */
const SHAPE = /^(rediss?(?:\+cluster|\+sentinel)?):\/\/(?:(.*)@)?([^/?#@]+)([^?#]*)(\?.*)?$/s
const HOST = /^(?:[0-9A-Za-z._-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?$/
const DATABASE = /^(?:\/[0-9]{0,3})?$/
const MASTER = /^\/[0-9A-Za-z._-]{1,255}(?:\/[0-9]{1,3})?$/

/** `redis://`, `redis+cluster://` or `redis+sentinel://`, each with `rediss` for TLS. */
export function redisUrl(): Kind<string> {
  const accepted =
    'a URL such as "redis://127.0.0.1:6379", "rediss://user:password@redis.example.org:6380/0", ' +
    '"redis+cluster://host:port,host:port" or "redis+sentinel://host:port,host:port/name-of-the-master"'
  return { accepted, schema: read(accepted, parseRedisUrl), show: quote, fromText: (value) => value }
}

/** Shows where Redis is without what may be secret in it. */
export function maskRedisUrl(value: string): string {
  const parts = SHAPE.exec(value)
  if (parts === null) return MASK
  const [, scheme = '', credentials, hosts = '', path = '', search] = parts
  const who = credentials === undefined ? '' : `${MASK}@`
  return `${scheme}://${who}${hosts}${path}${search === undefined ? '' : `?${MASK}`}`
}

function parseRedisUrl(value: string): string | undefined {
  const [, scheme = '', credentials = '', hosts = '', path = ''] = SHAPE.exec(value) ?? []
  const list = hosts.split(',')
  if (!list.every((host) => HOST.test(host)) || /[\s]/.test(credentials)) return undefined
  if (scheme.endsWith('+sentinel')) return MASTER.test(path) ? value : undefined
  if (scheme.endsWith('+cluster')) return path === '' || path === '/' ? value : undefined
  return list.length === 1 && DATABASE.test(path) ? value : undefined
}
