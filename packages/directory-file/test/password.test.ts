import * as crypto from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { hashPassword } from '../src/index.ts'
import { parseVerifier } from '../src/password.ts'
import { formatPhc, parsePhc } from '../src/phc.ts'

const SALT = 'c2FsdHNhbHRzYWx0c2FsdA'
const HASH = 'aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g'

/** A verifier made by the primitive itself, not by the code under test. */
function scryptPhc(password: string, ln: number, r: number, p: number): string {
  const hash = crypto.scryptSync(password, Buffer.from(SALT, 'base64'), 32, { N: 2 ** ln, r, p })
  return `$scrypt$ln=${ln},r=${r},p=${p}$${SALT}$${hash.toString('base64').replace('=', '')}`
}

async function opens(phc: string, password: string): Promise<boolean> {
  const result = parseVerifier(phc)
  if (!result.ok) throw new TypeError(result.message)
  return result.verifier.verify(password)
}

describe('PHC strings', () => {
  it.each([
    `$scrypt$ln=15,r=8,p=3$${SALT}$${HASH}`,
    `$argon2id$v=19$m=65536,t=3,p=4$${SALT}$${HASH}`,
    `$pbkdf2-sha256$i=600000,l=32$${SALT}$${HASH}`,
  ])('%s is read and written back', (text) => {
    const phc = parsePhc(text)
    expect(phc?.salt).toHaveLength(16)
    expect(phc && formatPhc(phc)).toBe(text)
  })

  it.each([
    '',
    'secret',
    '$',
    '$$$$',
    `$scrypt$ln=15,r=8,p=3$${SALT}`,
    `$scrypt$ln=15,r=8,p=3$${SALT}$${HASH}$`,
    `$scrypt$ln=15,r=8,p=3$${SALT}=$${HASH}`,
    `$scrypt$ln=015,r=8,p=3$${SALT}$${HASH}`,
    `$scrypt$ln=15,ln=15,r=8,p=3$${SALT}$${HASH}`,
    `$scrypt$ln=-1$${SALT}$${HASH}`,
    `$scrypt$ln$${SALT}$${HASH}`,
    `$scrypt$ln=1=2$${SALT}$${HASH}`,
    `$scrypt$ln=9999999999999$${SALT}$${HASH}`,
    `$SCRYPT$ln=15,r=8,p=3$${SALT}$${HASH}`,
    `$scrypt$ln=15,r=8,p=3$!$${HASH}`,
    `{plain}secret`,
    `$${'x'.repeat(2_000)}`,
  ])('"%s" is none', (text) => {
    expect(parsePhc(text)).toBeUndefined()
  })
})

describe('verifiers', () => {
  it.each([
    { what: 'scrypt (RFC 7914 §2)', phc: scryptPhc('pä ss', 10, 8, 2) },
    {
      what: 'pbkdf2-sha256 (RFC 8018 §5.2)',
      phc: `$pbkdf2-sha256$i=1000$${SALT}$${crypto
        .pbkdf2Sync('pä ss', Buffer.from(SALT, 'base64'), 1_000, 32, 'sha256')
        .toString('base64')
        .replace('=', '')}`,
    },
  ])('of $what open for their password and no other', async ({ phc }) => {
    expect(await opens(phc, 'pä ss')).toBe(true)
    for (const wrong of ['', 'pa ss', 'pä ss ', 'PÄ SS']) expect(await opens(phc, wrong)).toBe(false)
  })

  it.each(['scrypt', ...('argon2' in crypto ? (['argon2id'] as const) : [])] as const)(
    'made with %s are new each time and open',
    async (algorithm) => {
      const [first, second] = await Promise.all([hashPassword('secret', algorithm), hashPassword('secret', algorithm)])
      expect(first).not.toBe(second)
      expect(first.startsWith(`$${algorithm}$`)).toBe(true)
      expect(await opens(first, 'secret')).toBe(true)
      expect(await opens(second, 'Secret')).toBe(false)
    },
  )

  it.each([
    { phc: `$scrypt$ln=60,r=8,p=1$${SALT}$${HASH}`, message: /out of range/ },
    { phc: `$scrypt$ln=22,r=8,p=1$${SALT}$${HASH}`, message: /cost more/ },
    { phc: `$scrypt$ln=10,r=8,p=1000000$${SALT}$${HASH}`, message: /cost more/ },
    { phc: `$scrypt$ln=1,r=999999999999,p=1$${SALT}$${HASH}`, message: /cost more/ },
    { phc: `$scrypt$ln=0,r=8,p=1$${SALT}$${HASH}`, message: /out of range/ },
    { phc: `$scrypt$ln=15,r=8$${SALT}$${HASH}`, message: /needs the parameters/ },
    { phc: `$scrypt$v=1$ln=15,r=8,p=1$${SALT}$${HASH}`, message: /needs the parameters/ },
    { phc: `$argon2id$v=19$m=4194304,t=1,p=1$${SALT}$${HASH}`, message: /cost more/ },
    { phc: `$argon2id$v=19$m=262144,t=5,p=1$${SALT}$${HASH}`, message: /cost more/ },
    { phc: `$argon2id$v=19$m=65536,t=3,p=999$${SALT}$${HASH}`, message: /out of range/ },
    { phc: `$argon2id$v=16$m=65536,t=3,p=4$${SALT}$${HASH}`, message: /version 19/ },
    { phc: `$argon2id$m=65536,t=3,p=4$${SALT}$${HASH}`, message: /version 19/ },
    { phc: `$pbkdf2-sha256$i=99999999$${SALT}$${HASH}`, message: /cost more/ },
    { phc: `$pbkdf2-sha256$i=999$${SALT}$${HASH}`, message: /1,000/ },
    { phc: `$pbkdf2-sha256$i=1000,l=20$${SALT}$${HASH}`, message: /needs the parameter/ },
    { phc: `$bcrypt$c=10$${SALT}$${HASH}`, message: /none of/ },
    { phc: `$scrypt$ln=15,r=8,p=1$c2FsdA$${HASH}`, message: /salt/ },
    { phc: `$scrypt$ln=15,r=8,p=1$${SALT}$c2FsdA`, message: /hash/ },
    { phc: 'secret', message: /no PHC string/ },
  ])('$phc is refused, and the reason shows nothing of it', ({ phc, message }) => {
    const result = parseVerifier(phc)
    expect(result).toMatchObject({ ok: false, message: expect.stringMatching(message) as unknown })
    if (!result.ok) expect(result.message).not.toMatch(/secret|c2FsdA|aGFz/)
  })
})
