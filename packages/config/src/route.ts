/** One `[[route]]` of the file: which mail it means, and where that goes. */

import { formatEndpoint, parseEndpoint } from './endpoint.ts'

/**
 * How much TLS a hop uses: `opportunistic` takes it where offered, with any certificate; `required` wants a valid one;
 * `implicit` means before the greeting, with a valid one.
 */
export type TlsMode = 'none' | 'opportunistic' | 'required' | 'implicit'

/** Which mail a route means: every field that is there must match, by any of its values (one at least). None: all mail. */
export interface RouteMatch {
  /** Domains of the recipient: `example.org`, `.example.org` for all below it, `[192.0.2.1]`, or `*`. */
  readonly domain?: readonly string[]
  /** Whole recipients, `user@example.org`; the case of the local part does not matter. */
  readonly recipient?: readonly string[]
  /** Domains of the reverse-path, as `domain`; `<>` is the null reverse-path. */
  readonly senderDomain?: readonly string[]
  /** Accounts that submitted. */
  readonly account?: readonly string[]
  /** What the recipient's domain is to us, as the directory says. */
  readonly role?: readonly RouteRole[]
}

/** What a domain is to us: mailboxes here, relayed for, or neither. */
export type RouteRole = 'local' | 'relay' | 'none'

/** Where a route leads. */
export type RouteTarget =
  /** Our own delivery agent. */
  | { readonly kind: 'local' }
  /** The hosts that DNS names for the recipient's domain (RFC 5321 §5). */
  | { readonly kind: 'mx' }
  | {
      readonly kind: 'host'
      readonly protocol: 'smtp' | 'lmtp'
      /** A name or an IP address; for a unix socket `unix:` and its path. */
      readonly host: string
      /** 0 for a unix socket. */
      readonly port: number
      /** Default `opportunistic` for SMTP, `none` for LMTP. */
      readonly tls: TlsMode
    }
  /** Refused, by default with `550 5.7.1`. */
  | { readonly kind: 'refuse'; readonly reply: RouteReply }

/** The reply of a route that refuses (RFC 5321 §4.2, RFC 3463 §2). */
export interface RouteReply {
  /** 400 to 459 or 500 to 559 (RFC 5321 §4.2). */
  readonly code: number
  /** The enhanced status code; its class is the code's first digit. */
  readonly status: string
  /** One line of 1 to 400 printable ASCII characters. */
  readonly text: string
}

/** A route of the file; the first that matches decides. */
export interface RouteConfig {
  /** What the conditions of the table say, in one place. */
  readonly match: RouteMatch
  /** Decided when mail is accepted: what is in the queue keeps its way when the configuration changes. */
  readonly to: RouteTarget
}

/** What a route says when its `to` is `"refuse"` and it has no `reply`. */
export const DEFAULT_REFUSAL: RouteReply = { code: 550, status: '5.7.1', text: 'Mail to this recipient is refused' }

/** Reads `local`, `mx`, `refuse`, `smtp:host:port`, `lmtp:host:port` or `lmtp:unix:/path`. */
export function parseTarget(text: string): RouteTarget | undefined {
  if (text === 'local') return { kind: 'local' }
  if (text === 'mx') return { kind: 'mx' }
  if (text === 'refuse') return { kind: 'refuse', reply: DEFAULT_REFUSAL }
  const protocol = text.startsWith('smtp:') ? 'smtp' : text.startsWith('lmtp:') ? 'lmtp' : undefined
  if (protocol === undefined) return undefined
  const tls = protocol === 'smtp' ? 'opportunistic' : 'none'
  const endpoint = parseEndpoint(text.slice('smtp:'.length))
  if (endpoint === undefined) return undefined
  if ('path' in endpoint) {
    return protocol === 'lmtp' ? { kind: 'host', protocol, host: `unix:${endpoint.path}`, port: 0, tls } : undefined
  }
  return endpoint.port === 0 ? undefined : { kind: 'host', protocol, host: endpoint.host, port: endpoint.port, tls }
}

/** Writes a target as `parseTarget` reads it. */
export function formatTarget(target: RouteTarget): string {
  if (target.kind !== 'host') return target.kind
  const at = target.host.startsWith('unix:') ? target.host : formatEndpoint(target)
  return `${target.protocol}:${at}`
}

/** Reads `550 5.7.1 some text`; `undefined` for anything else, and where code and status are of two classes. */
export function parseRefusal(text: string): RouteReply | undefined {
  const [, code = '', status = '', words = ''] =
    /^([45][0-5][0-9]) ([45]\.[0-9]{1,3}\.[0-9]{1,3}) ([\x20-\x7e]{1,400})$/.exec(text) ?? []
  return code !== '' && code[0] === status[0] ? { code: Number(code), status, text: words } : undefined
}
