/**
 * Internationalized domain names: U-labels and A-labels (RFC 5890 §2.3.2.1) by UTS 46 with every strict option.
 *
 * Plain ASCII labels never pass through UTS 46: its rule about hyphens would refuse `ab--cd`, which RFC 5321 allows.
 * All other labels of a domain pass together, since the rule about the direction of writing is about all of them.
 */

// A dependent that compiles this source must find the declarations too, and an import of them would not be erased.
// oxlint-disable-next-line typescript/triple-slash-reference -- see above
/// <reference path="./tr46.d.ts" />

import { type Options, toASCII, toUnicode } from 'tr46'

import { isAsciiText } from './characters.ts'
import { isAddressLiteral } from './literal.ts'
import type { Domain } from './mailbox.ts'
import { accept, refuse, type Result } from './result.ts'

/** The longest name that DNS can hold, as text without the final dot: 255 octets on the wire (RFC 1035 §2.3.4). */
const MAX_NAME_OCTETS = 253

const STRICT: Options = {
  checkHyphens: true,
  checkBidi: true,
  checkJoiners: true,
  useSTD3ASCIIRules: true,
  verifyDNSLength: true,
  transitionalProcessing: false,
}

// The one place where a string becomes a domain: what the callers have judged.
// oxlint-disable-next-line typescript/consistent-type-assertions -- brands
export const brandDomain = (text: string): Domain => text as Domain

/**
 * The domain as DNS knows it: U-labels become A-labels; a literal stays as it is.
 *
 * Refused where a label is no valid U-label or A-label, and where the name is longer than DNS can hold (253 octets).
 */
export function domainToAscii(domain: Domain): Result<Domain> {
  if (isAddressLiteral(domain)) return accept(domain)
  const ascii = encodeName(domain)
  if (ascii === undefined) return refuse('U-label', 0, 'labels that IDNA allows')
  if (ascii.length > MAX_NAME_OCTETS) return refuse('Domain', 0, `at most ${MAX_NAME_OCTETS} octets`)
  return accept(brandDomain(ascii))
}

/** The domain as people read it: A-labels become U-labels; what is no valid A-label stays as it is. */
export function domainToUnicode(domain: Domain): Domain {
  const labels = domain.split('.').map((label) => {
    if (!label.startsWith('xn--')) return label
    const { domain: unicode } = toUnicode(label, STRICT)
    return toASCII(unicode, STRICT) === label ? unicode : label
  })
  return brandDomain(labels.join('.'))
}

/**
 * The name with its U-labels in canonical form; `undefined` where a label that is not ASCII is no U-label.
 *
 * Capital letters become small and the text is normalized to NFC (RFC 5891 §5.2); nothing else is mapped: a full width
 * letter or an ideographic full stop is no U-label (RFC 5890 §2.3.2.1).
 */
export function canonicalName(name: string): string | undefined {
  let lower = ''
  // One character at a time: in a whole word a final capital sigma would become the other small sigma.
  for (const character of name) lower += character.toLowerCase()
  lower = lower.normalize('NFC')
  const labels = lower
    .split('.')
    .filter((label) => !isAsciiText(label))
    .join('.')
  const ascii = toASCII(labels, STRICT)
  return ascii !== null && toUnicode(ascii, STRICT).domain === labels ? lower : undefined
}

/** The name with A-labels in the place of U-labels; `undefined` where a label is neither, nor plain ASCII. */
function encodeName(name: string): string | undefined {
  const labels = name.split('.')
  const special = labels.filter(isSpecial)
  if (special.length === 0) return name
  const encoded = toASCII(special.join('.'), STRICT)?.split('.')
  if (encoded?.length !== special.length) return undefined
  let next = 0
  return labels.map((label) => (isSpecial(label) ? encoded[next++] : label)).join('.')
}

/** Whether UTS 46 has a say about the label. */
function isSpecial(label: string): boolean {
  return label.startsWith('xn--') || !isAsciiText(label)
}
