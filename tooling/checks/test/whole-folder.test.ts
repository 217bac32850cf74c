import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeWhole } from '../src/whole-folder.ts'
import { tree } from './tree.ts'

const fill = async (work: string) => {
  writeFileSync(join(work, 'a'), '')
  return []
}

describe('a folder', () => {
  it('is there when it is full, and is not made twice', async () => {
    const { root } = tree({})
    const folder = join(root, 'cache/whole')
    expect(await makeWhole(folder, fill)).toEqual([])
    expect(await makeWhole(folder, () => expect.unreachable())).toEqual([])
    expect(readdirSync(join(root, 'cache'))).toEqual(['whole'])
  })

  it('is not there where something failed, and neither is what was begun', async () => {
    const { root } = tree({})
    const folder = join(root, 'cache/whole')
    expect(await makeWhole(folder, async () => [{ message: 'no' }])).toEqual([{ message: 'no' }])
    await expect(makeWhole(folder, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    expect(readdirSync(join(root, 'cache'))).toEqual([])
  })

  it('of two that are made at the same time is the first', async () => {
    const { root } = tree({})
    const folder = join(root, 'cache/whole')
    const made = await makeWhole(folder, async (work) => [...(await makeWhole(folder, fill)), ...(await fill(work))])
    expect({ made, there: existsSync(join(folder, 'a')), left: readdirSync(join(root, 'cache')) }).toEqual({
      made: [],
      there: true,
      left: ['whole'],
    })
  })
})
