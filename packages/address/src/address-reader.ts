/** The reader of address lists: the grammar over the tokens, and how to go on behind a fault. See `address-list.ts`. */

import type { Address, AddressListOptions, MailboxAddress, ReadAddressList } from './address-list.ts'
import { DCONTENT, isOf, nonAsciiWidth } from './characters.ts'
import { readCommonForm } from './common-form.ts'
import { parseDomain, scanName } from './domain.ts'
import { Charsets, decodeWordsBy } from './encoded-words.ts'
import { cleanText, HeaderScanner } from './header-scanner.ts'
import { brandDomain } from './idna.ts'
import { canonicalLiteral } from './literal.ts'
import type { Domain, Mailbox } from './mailbox.ts'
import { decodeWordsStrictBy } from './strict-words.ts'
import { Words } from './words.ts'

const UTF8 = { smtputf8: true } as const

/** Decodes the names of one list: looking for a charset that is not known is slow, and many names may ask for many. */
function nameDecoder(strict: boolean): (text: string) => string {
  let charsets: Charsets | undefined
  return (text) => {
    charsets ??= new Charsets()
    return strict ? decodeWordsStrictBy(text, 'phrase', charsets) : decodeWordsBy(text, charsets)
  }
}

/** Reads one text once. */
export class AddressReader {
  readonly #scanner: HeaderScanner
  readonly #decodeName: (text: string) => string
  readonly #shortCut: boolean

  /** @param shortCut Reads the common forms by the short way (default), whose answers are those of the whole grammar. */
  constructor(text: string, strict: boolean, options: AddressListOptions, shortCut = true) {
    const decode = options.decodeName ?? nameDecoder(strict)
    this.#scanner = new HeaderScanner(text, strict)
    this.#decodeName = (name) => (name.includes('=?') ? cleanText(decode(name)) : name)
    this.#shortCut = shortCut
  }

  /** Reads the list to its end. */
  read(): ReadAddressList {
    const addresses: Address[] = []
    this.#list('address-list', false, () => {
      const address = this.#common() ?? this.#address()
      if (address !== undefined) addresses.push(address)
    })
    return { addresses, faults: this.#scanner.faults }
  }

  /** Reads addresses and the commas between them: to the end of the text, or in a group to its semicolon. */
  #list(rule: string, inGroup: boolean, readOne: () => void): void {
    const scanner = this.#scanner
    let count = 0
    let separated = true
    for (;;) {
      scanner.skipCfws()
      // Who reads strictly wants to know the first fault alone.
      if (scanner.strict && scanner.faults.length > 0) return
      const { at } = scanner
      const character = scanner.text.charAt(at)
      if (character === '' || (inGroup && character === ';')) {
        if (separated && count > 0) scanner.obsolete(rule, at, 'an address')
        else if (count === 0 && !inGroup) scanner.fault(rule, at, 'an address')
        return
      }
      if (character === ',') {
        if (separated) scanner.obsolete(rule, at, 'an address')
        scanner.at += 1
        separated = true
      } else if (character === ';') {
        scanner.fault(rule, at, '","')
        scanner.at += 1
        separated = true
      } else {
        if (!separated) scanner.fault(rule, at, '","')
        separated = false
        count += 1
        readOne()
      }
    }
  }

  /** Reads a mailbox of a common form; `undefined`, and nothing read, where it has another. */
  #common(): MailboxAddress | undefined {
    return this.#shortCut ? readCommonForm(this.#scanner, this.#decodeName) : undefined
  }

  /** Reads a mailbox or a group, at least one character of it; `undefined` where it is broken. */
  #address(): Address | undefined {
    const { at: start } = this.#scanner
    const words = this.#words()
    if (this.#scanner.text.charAt(this.#scanner.at) !== ':' || words.empty) return this.#member(start, words)
    this.#checkPhrase(words)
    return this.#group(words.phrase)
  }

  /** Reads what follows the first words of a mailbox with or without a name; `undefined` where it is broken. */
  #member(start: number, words: Words): MailboxAddress | undefined {
    const scanner = this.#scanner
    const { at } = scanner
    const character = scanner.text.charAt(at)
    if (character === '<') {
      this.#checkPhrase(words)
      return asAddress(words.phrase, this.#angleAddr())
    }
    if (character === '@' && words.localBreak === undefined) return this.#addrSpec(words, start)
    const { offset, expected } = words.localBreak ?? { offset: at, expected: '"@"' }
    scanner.fault('addr-spec', offset, expected)
    return this.#rest(start, undefined)
  }

  /** The address of a local part and what follows its "@". */
  #addrSpec(words: Words, start: number): MailboxAddress | undefined {
    const scanner = this.#scanner
    const mailbox = this.#mailbox(words)
    const comment = scanner.comment
    const { at } = scanner
    if (isSeparator(scanner.text.charAt(at))) {
      return asAddress(comment === -1 || scanner.strict ? '' : this.#decodeName(scanner.commentText(comment)), mailbox)
    }
    if (mailbox !== undefined) scanner.fault('address', at, '","')
    // A second "@": nobody can tell which one was meant.
    return this.#rest(start, scanner.text.charAt(at) === '@' ? undefined : mailbox)
  }

  /**
   * Skips what is left of an address that is out of the grammar. Where an angle-addr comes, all before it was meant to
   * be a name; else what was read before holds.
   */
  #rest(start: number, mailbox: Mailbox | undefined): MailboxAddress | undefined {
    const scanner = this.#scanner
    for (;;) {
      scanner.skipCfws()
      const character = scanner.text.charAt(scanner.at)
      if (isSeparator(character)) return asAddress('', mailbox)
      if (character === '<') {
        const name = this.#decodeName(cleanText(scanner.text.slice(start, scanner.at)).trim())
        return asAddress(name, this.#angleAddr())
      }
      if (character === '"') scanner.quotedString()
      else scanner.at = Math.max(scanner.at + 1, scanner.atomEnd())
    }
  }

  /** Reads a group behind its name (RFC 5322 §3.4, RFC 6854 §2.1). */
  #group(name: string): Address {
    const scanner = this.#scanner
    const members: MailboxAddress[] = []
    scanner.at += 1
    this.#list('group-list', true, () => {
      const { at: start } = scanner
      const member = this.#common() ?? this.#member(start, this.#words())
      if (member !== undefined) members.push(member)
    })
    if (scanner.text.charAt(scanner.at) === ';') scanner.at += 1
    else scanner.fault('group', scanner.at, '";"')
    return { kind: 'group', name, members }
  }

  /** Reads `"<" [obs-route] addr-spec ">"`; `undefined` where it holds no mailbox, and then skips to its end. */
  #angleAddr(): Mailbox | undefined {
    const scanner = this.#scanner
    scanner.at += 1
    scanner.skipCfws()
    if (/[@,]/.test(scanner.text.charAt(scanner.at)) && !this.#route()) return this.#skipAngle()
    const words = this.#words()
    const { at } = scanner
    if (words.localBreak !== undefined || scanner.text.charAt(at) !== '@') {
      const { offset, expected } = words.localBreak ?? { offset: at, expected: '"@"' }
      scanner.fault('addr-spec', offset, expected)
      return this.#skipAngle()
    }
    const mailbox = this.#mailbox(words)
    const character = scanner.text.charAt(scanner.at)
    if (character === '>') scanner.at += 1
    else {
      scanner.fault('angle-addr', scanner.at, '">"')
      if (!isSeparator(character)) return this.#skipAngle()
    }
    return mailbox
  }

  /** Skips to behind the next closing bracket, or to the next separator. */
  #skipAngle(): undefined {
    const scanner = this.#scanner
    for (;;) {
      const character = scanner.text.charAt(scanner.at)
      if (isSeparator(character)) return
      scanner.at += 1
      if (character === '>') return
    }
  }

  /** Reads and drops a source route (RFC 5322 §4.4); false where it is broken. */
  #route(): boolean {
    const scanner = this.#scanner
    scanner.obsolete('angle-addr', scanner.at, 'no source route')
    for (;;) {
      scanner.skipCfws()
      const character = scanner.text.charAt(scanner.at)
      if (character !== ',' && character !== '@' && character !== ':') {
        scanner.fault('obs-route', scanner.at, '",", "@" or ":"')
        return false
      }
      scanner.at += 1
      if (character === ':') return true
      if (character === '@' && this.#domain() === undefined) return false
    }
  }

  /** Reads the domain behind the "@" at the place; `undefined` where domain or local part are none. */
  #mailbox(words: Words): Mailbox | undefined {
    const scanner = this.#scanner
    const { localPart, localObsolete } = words
    if (localObsolete !== undefined) scanner.obsolete('local-part', localObsolete.offset, localObsolete.expected)
    scanner.at += 1
    const domain = this.#domain()
    return domain && { localPart, domain }
  }

  /** Reads a domain with the comments and white space around it; `undefined` where it is none of RFC 5321. */
  #domain(): Domain | undefined {
    const scanner = this.#scanner
    scanner.skipCfws()
    const start = scanner.at
    if (scanner.text.charAt(start) === '[') return this.#domainLiteral(start)
    const scanned = scanName(scanner.text, start, UTF8)
    if (scanned.ok) {
      scanner.at = scanned.value.end
      if (scanner.atomEnd() === scanner.at) {
        scanner.skipCfws()
        if (scanner.text.charAt(scanner.at) !== '.') return scanned.value.value
      }
      scanner.at = start
    }
    return this.#obsoleteDomain(start)
  }

  /** `obs-domain = atom *("." atom)`, and whatever is no domain at all. */
  #obsoleteDomain(start: number): Domain | undefined {
    const scanner = this.#scanner
    let name = ''
    for (;;) {
      const atom = scanner.at
      scanner.at = scanner.atomEnd()
      name += scanner.text.slice(atom, scanner.at)
      const spaceBefore = scanner.skipCfws()
      if (scanner.text.charAt(scanner.at) !== '.') break
      name += '.'
      scanner.at += 1
      if (scanner.skipCfws() || spaceBefore) scanner.obsolete('domain', start, 'no white space around a dot')
    }
    const domain = parseDomain(name, UTF8)
    if (domain.ok) return domain.value
    scanner.fault(domain.error.rule, start, domain.error.expected)
    return undefined
  }

  /** `domain-literal = "[" *([FWS] dtext) [FWS] "]"`, white space left out. */
  #domainLiteral(start: number): Domain | undefined {
    const scanner = this.#scanner
    let content = ''
    let from = start + 1
    scanner.at = from
    for (;;) {
      const { at } = scanner
      if (isOf(scanner.code, DCONTENT)) {
        scanner.at += 1
        continue
      }
      content += scanner.text.slice(from, at)
      if (scanner.text.charAt(at) === ']') break
      if (!scanner.skipCfws()) {
        scanner.fault('domain-literal', at, '"]"')
        scanner.at += nonAsciiWidth(scanner.text, at)
        return undefined
      }
      from = scanner.at
    }
    scanner.at += 1
    const canonical = canonicalLiteral(content, [], true)
    if (canonical === undefined) scanner.fault('domain-literal', start, 'an address literal')
    scanner.skipCfws()
    return canonical === undefined ? undefined : brandDomain(`[${canonical}]`)
  }

  #words(): Words {
    const words = new Words(this.#scanner, this.#decodeName)
    words.read()
    return words
  }

  /** Notes a dot that a phrase may only have in the obsolete grammar, or not even there. */
  #checkPhrase(words: Words): void {
    const { phraseDot } = words
    if (phraseDot?.first === true) this.#scanner.fault('phrase', phraseDot.offset, phraseDot.expected)
    else if (phraseDot !== undefined) this.#scanner.obsolete('phrase', phraseDot.offset, phraseDot.expected)
  }
}

function isSeparator(character: string): boolean {
  return character === '' || character === ',' || character === ';'
}

function asAddress(name: string, mailbox: Mailbox | undefined): MailboxAddress | undefined {
  if (mailbox === undefined) return undefined
  return name === '' ? { kind: 'mailbox', mailbox } : { kind: 'mailbox', name, mailbox }
}
