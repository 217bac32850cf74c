/** Mailbox names for roles and services (RFC 2142). */

/**
 * The names in lower case; compare without case (RFC 2142 §2).
 *
 * `postmaster` must exist in every domain that takes mail (RFC 5321 §4.5.1), the others where the service is offered.
 */
export const ROLE_NAMES: ReadonlySet<string> = new Set([
  // Business (RFC 2142 §3)
  'info',
  'marketing',
  'sales',
  'support',
  // Network operations (RFC 2142 §4)
  'abuse',
  'noc',
  'security',
  // Services (RFC 2142 §5)
  'postmaster',
  'hostmaster',
  'usenet',
  'news',
  'webmaster',
  'www',
  'uucp',
  'ftp',
])
