/** One-click unsubscription (RFC 8058). */

import type { Header } from './header.ts'
import { parseListCommands } from './list-commands.ts'

/**
 * The value of List-Unsubscribe-Post (RFC 8058 §3.1), and what the POST request sends (RFC 8058 §3.2): better as
 * `multipart/form-data`, or as it stands here as `application/x-www-form-urlencoded`.
 */
export const LIST_UNSUBSCRIBE_POST = 'List-Unsubscribe=One-Click'

/**
 * The HTTPS URI to which a POST of `LIST_UNSUBSCRIBE_POST` unsubscribes (RFC 8058 §3.2); `undefined` where the message
 * does not offer it: both fields stand once, and List-Unsubscribe has one HTTPS URI (RFC 8058 §3.1).
 *
 * That a valid DKIM signature covers both fields (RFC 8058 §4), and that the user wants it (RFC 8058 §3.2), is for the
 * caller to see to.
 */
export function readOneClickUri(header: Header): string | undefined {
  const [post, secondPost] = header.all('List-Unsubscribe-Post')
  const [field, second] = header.all('List-Unsubscribe')
  if (post === undefined || field === undefined || secondPost !== undefined || second !== undefined) return undefined
  if (post.value.trim().toLowerCase() !== LIST_UNSUBSCRIBE_POST.toLowerCase()) return undefined
  const uris = parseListCommands(field.value).commands.filter(({ uri }) => /^https:/i.test(uri))
  return uris.length === 1 ? uris[0]?.uri : undefined
}
