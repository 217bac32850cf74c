import { describe, expect, it } from 'vitest'
import { formatMailbox } from '@postroad/address'
import { createMemoryDirectory } from '@postroad/directory/memory'
import { findPostmaster } from '../src/index.ts'

const directory = createMemoryDirectory({
  accounts: [{ name: 'ada', password: 'secret', mailboxes: ['ada@example.org'] }],
  domains: { local: ['example.org'] },
})

describe('the postmaster (RFC 5321 §4.5.1)', () => {
  it.each([
    ['example.org', 'postmaster@example.org'],
    ['mail.example.org', 'postmaster@example.org'],
    ['a.b.example.org', 'postmaster@example.org'],
    ['mail.example.net', 'postmaster@mail.example.net'],
  ])('of %s is %s', async (hostname, expected) => {
    expect(formatMailbox(await findPostmaster(directory, hostname))).toBe(expected)
  })

  it('is nobody for a name that is no domain', async () => {
    await expect(findPostmaster(directory, 'not a domain')).rejects.toThrow(TypeError)
  })
})
