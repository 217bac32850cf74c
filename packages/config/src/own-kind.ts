/** The kinds of values that only one setting has: the resolver and the routes. */

import { z } from 'zod'
import type { ResolverConfig } from './config.ts'
import { formatEndpoint, parseEndpoint } from './endpoint.ts'
import { isIP } from 'node:net'
import { type Kind, list, quote, read, text } from './kind.ts'
import {
  type RouteConfig,
  type RouteMatch,
  type RouteTarget,
  formatTarget,
  parseRefusal,
  parseTarget,
} from './route.ts'

/** `"system"`, `{ zone = "path" }` or a list of servers by address, port 53 where none is given. */
export function resolver(): Kind<ResolverConfig> {
  const accepted = '"system", { zone = "path" } or a list of servers such as ["192.0.2.53", "[2001:db8::53]:5353"]'
  const system = z.literal('system').transform((): ResolverConfig => ({ kind: 'system' }))
  const zone = z
    .strictObject({ zone: text('a path').schema })
    .transform((value): ResolverConfig => ({ kind: 'zone', path: value.zone }))
  const servers = z
    .array(read(accepted, parseServer))
    .min(1)
    .max(16)
    .transform((value): ResolverConfig => ({ kind: 'servers', servers: value }))
  return {
    accepted,
    schema: z.union([system, zone, servers], { error: accepted }),
    show: (value) => {
      if (value.kind === 'system') return quote('system')
      if (value.kind === 'zone') return `{ zone = ${quote(value.path)} }`
      return `[${value.servers.map((server) => quote(formatEndpoint(server))).join(', ')}]`
    },
    fromText: (value) => (value === 'system' ? value : value.split(',').map((server) => server.trim())),
  }
}

/** What stands in the place of a secret. */
export const MASK = '***'

/** The `[[route]]` tables. */
export function routes(): Kind<readonly RouteConfig[]> {
  const accepted = 'tables [[route]], each with conditions and `to`'
  return { ...list({ accepted, schema: routeSchema(accepted), show: showRoute, fromText: (value) => value }), accepted }
}

function routeSchema(accepted: string): z.ZodType<RouteConfig> {
  const refusal = 'a 4xx or 5xx reply with its status, such as "550 5.7.1 No mail from here"'
  const target = '"local", "mx", "refuse", "smtp:host:port", "lmtp:host:port" or "lmtp:unix:/path"'
  const domain = '"example.org", ".example.org" for all below it, "[192.0.2.1]" or "*"'
  const sender = `${domain}, or "<>" for the null reverse-path`
  const tlsModes = '"none", "opportunistic", "required" or "implicit"'
  const roles = '"local", "relay" or "none"'
  const domains = oneOrMore(domain, z.string({ error: domain }).refine(isDomainPattern, { error: domain }))
  const senders = oneOrMore(
    sender,
    z.string({ error: sender }).refine((value) => value === '<>' || isDomainPattern(value), { error: sender }),
  )
  const mailbox = 'a mailbox such as "user@example.org"'
  const word = text('an account').schema
  return z
    .strictObject(
      {
        domain: domains.optional(),
        recipient: oneOrMore(
          mailbox,
          z.string({ error: mailbox }).regex(/^[^\p{Cc}]{1,64}@[^\p{Cc}@]{1,255}$/u, { error: mailbox }),
        ).optional(),
        'sender-domain': senders.optional(),
        account: oneOrMore('an account', word).optional(),
        role: oneOrMore(roles, z.enum(['local', 'relay', 'none'], { error: roles })).optional(),
        to: read(target, parseTarget),
        tls: z.enum(['none', 'opportunistic', 'required', 'implicit'], { error: tlsModes }).optional(),
        reply: read(refusal, parseRefusal).optional(),
      },
      { error: accepted },
    )
    .transform((route, context): RouteConfig => {
      const { to, tls, reply } = route
      const issue = (key: string, message: string): void => context.addIssue({ code: 'custom', message, path: [key] })
      if (tls !== undefined && to.kind !== 'host') issue('tls', 'only where `to` names a host')
      if (reply !== undefined && to.kind !== 'refuse') issue('reply', 'only where `to` is "refuse"')
      const match: RouteMatch = {
        ...(route.domain && { domain: route.domain }),
        ...(route.recipient && { recipient: route.recipient }),
        ...(route['sender-domain'] && { senderDomain: route['sender-domain'] }),
        ...(route.account && { account: route.account }),
        ...(route.role && { role: route.role }),
      }
      return { match, to: complete(to, tls, reply) }
    })
}

/** A domain in ASCII or Unicode, with a dot in front for all below it; an address literal; or all of them. */
function isDomainPattern(value: string): boolean {
  if (value === '*') return true
  if (/^\[[0-9A-Za-z.:-]{1,64}\]$/.test(value)) return true
  const labels = value.replace(/^\./, '').split('.')
  return (
    value.length <= 255 && labels.every((label) => /^[\p{L}\p{M}\p{N}-]{1,63}$/u.test(label) && !/^-|-$/.test(label))
  )
}

function complete(to: RouteTarget, tls: ModeOf<RouteTarget>, reply: ReplyOf<RouteTarget>): RouteTarget {
  if (to.kind === 'host' && tls !== undefined) return { ...to, tls }
  if (to.kind === 'refuse' && reply !== undefined) return { ...to, reply }
  return to
}

type ModeOf<Target> = Target extends { readonly tls: infer Mode } ? Mode | undefined : never
type ReplyOf<Target> = Target extends { readonly reply: infer Reply } ? Reply | undefined : never

function showRoute({ match, to }: RouteConfig): string {
  const conditions: readonly (readonly [string, readonly string[] | undefined])[] = [
    ['domain', match.domain],
    ['recipient', match.recipient],
    ['sender-domain', match.senderDomain],
    ['account', match.account],
    ['role', match.role],
  ]
  const fields = conditions.flatMap(([key, values]) => (values ? [`${key} = [${values.map(quote).join(', ')}]`] : []))
  fields.push(`to = ${quote(formatTarget(to))}`)
  if (to.kind === 'host') fields.push(`tls = ${quote(to.tls)}`)
  if (to.kind === 'refuse') fields.push(`reply = ${quote(`${to.reply.code} ${to.reply.status} ${to.reply.text}`)}`)
  return `{ ${fields.join(', ')} }`
}

function oneOrMore<T>(accepted: string, schema: z.ZodType<T>): z.ZodType<readonly T[]> {
  const one = schema.transform((value): readonly T[] => [value])
  return z.union([one, z.array(schema).min(1).max(1000)], { error: `${accepted}, or a list of them` })
}

function parseServer(value: string): { readonly host: string; readonly port: number } | undefined {
  if (isIP(value) !== 0) return { host: value, port: 53 }
  const endpoint = parseEndpoint(/^\[[^\]]*\]$/.test(value) ? `${value}:53` : value)
  return endpoint !== undefined && 'host' in endpoint && isIP(endpoint.host) !== 0 && endpoint.port > 0
    ? endpoint
    : undefined
}
