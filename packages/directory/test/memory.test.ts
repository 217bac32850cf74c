import { mailboxOf } from '@postroad/address'
import { describe, expect, it } from 'vitest'
import { DirectoryUnavailableError } from '../src/index.ts'
import { createMemoryDirectory } from '../src/memory.ts'
import { describeDirectoryContract } from '../src/testing/index.ts'

describeDirectoryContract('the memory directory', { open: async (contents) => createMemoryDirectory(contents) })

describe('the memory directory', () => {
  it('rejects every question while it is broken, and works again', async () => {
    const directory = createMemoryDirectory({ accounts: [], domains: { local: ['example.org'] } })
    const ada = mailboxOf('ada@example.org')
    directory.breakDown(true)
    await expect(directory.recipient(ada)).rejects.toBeInstanceOf(DirectoryUnavailableError)
    await expect(directory.domain(ada.domain)).rejects.toMatchObject({ code: 'DIRECTORY_UNAVAILABLE' })
    await expect(directory.maySendAs('ada', ada)).rejects.toThrow()
    await expect(directory.authenticate({ name: 'ada', password: '' })).rejects.toThrow()
    directory.breakDown(false)
    expect(await directory.recipient(ada)).toEqual({ kind: 'unknown' })
  })

  it('refuses entries that contradict each other, naming all', () => {
    expect(() =>
      createMemoryDirectory({
        accounts: [{ name: 'ada', password: 'x', mailboxes: ['ada@example.net', 'nonsense'] }],
        domains: { local: ['example.org'] },
      }),
    ).toThrow(/accounts\.0\.mailboxes\.0.*\n.*accounts\.0\.mailboxes\.1/)
  })
})
