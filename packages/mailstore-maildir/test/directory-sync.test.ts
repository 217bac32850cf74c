import { describe, expect, it } from 'vitest'
import { createDirectorySync } from '../src/directory-sync.ts'

/** A syncer whose syncs end when the test says so. */
function createScriptedSync() {
  const running: { path: string; end: (fault?: Error) => void }[] = []
  const folders = createDirectorySync(
    (path) =>
      new Promise((resolve, reject) => {
        running.push({ path, end: (fault) => (fault === undefined ? resolve() : reject(fault)) })
      }),
  )
  return { running, folders }
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}

describe('the sync of a folder', () => {
  it('is shared by all who come while one runs, and is a later one than that', async () => {
    const { running, folders } = createScriptedSync()
    const done: string[] = []
    void folders.sync('a').then(() => done.push('first'))
    for (const name of ['second', 'third']) void folders.sync('a').then(() => done.push(name))
    expect(running).toHaveLength(1)
    running[0]?.end()
    await turns()
    expect(done).toEqual(['first'])
    expect(running).toHaveLength(2)
    running[1]?.end()
    await turns()
    expect(done).toEqual(['first', 'second', 'third'])
    expect(running).toHaveLength(2)
  })

  it('waits for no other folder', () => {
    const { running, folders } = createScriptedSync()
    void folders.sync('a')
    void folders.sync('b')
    expect(running.map(({ path }) => path)).toEqual(['a', 'b'])
  })

  it('fails for those who asked for it, and for nobody else', async () => {
    const { running, folders } = createScriptedSync()
    const first = folders.sync('a')
    const second = folders.sync('a')
    running[0]?.end(new Error('EIO'))
    await expect(first).rejects.toThrow('EIO')
    await turns()
    running[1]?.end()
    await second
    const third = folders.sync('a')
    running[2]?.end()
    await third
  })
})
