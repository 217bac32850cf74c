import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFileDirectory } from '@postroad/directory-file'
import { describe, expect, it, vi } from 'vitest'
import { hashPassword } from '../src/commands/hash-password.ts'
import { captureTerminal } from './terminal.ts'

const given = vi.hoisted(() => ({ secret: '' }))
vi.mock(import('../src/secret.ts'), () => ({
  readSecret: async () => given.secret,
  askSecret: async () => given.secret,
}))

const terminal = captureTerminal()

describe('postroad hash-password', () => {
  it('makes a verifier of the password as the submission agent prepares it (RFC 4616 §2)', async () => {
    given.secret = 'cafe\u0301 \u00aa'
    expect(await hashPassword.run([])).toBe(0)
    const folder = await mkdtemp(join(tmpdir(), 'postroad-hash-'))
    const path = join(folder, 'directory.toml')
    const user = `[[users]]\nname = "ada"\npasswords = [${JSON.stringify(terminal.out.trim())}]\nmailboxes = []\n`
    await writeFile(path, `domains.local = ["example.org"]\n${user}`, { mode: 0o600 })
    await using directory = await openFileDirectory({ path })
    expect(await directory.authenticate({ name: 'ada', password: 'caf\u00e9 a' })).toEqual({ name: 'ada' })
    expect(await directory.authenticate({ name: 'ada', password: given.secret })).toBeUndefined()
    await rm(folder, { recursive: true })
  })

  it.each([
    ['an empty password', '', 'the password is empty'],
    ['a control character', 'secret\u0007', 'characters that passwords must not have'],
    ['emoji, which no client could be sure to give the same', 'secret\u{1f600}', 'RFC 4013'],
  ])('refuses %s', async (_, secret, complaint) => {
    given.secret = secret
    expect(await hashPassword.run([])).toBe(64)
    expect(terminal.complaints).toContain(complaint)
    expect(terminal.out).toBe('')
  })
})
