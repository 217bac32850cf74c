/** Content-Language (RFC 3282): the languages that a part is meant for. */

import { TokenReader } from './token-reader.ts'

/**
 * The language tags of the value, as written, in order; comments passed over. What is no tag (letters, digits and
 * hyphens) is left out; a missing field (`undefined`) names none.
 */
export function parseContentLanguage(value: string | undefined): readonly string[] {
  const reader = new TokenReader(value ?? '')
  const tags: string[] = []
  while (!reader.ended) {
    const tag = reader.token()
    if (/^[A-Za-z0-9-]{1,100}$/.test(tag)) tags.push(tag)
    if (!reader.literal(',') && tag === '') {
      reader.at += 1
      reader.skip()
    }
  }
  return tags
}
