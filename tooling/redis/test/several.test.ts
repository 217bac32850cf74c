import { afterEach, expect, it } from 'vitest'
import { ask, startRedisCluster, startRedisSentinels } from '../src/index.ts'

const started: { stop(): Promise<void> }[] = []

afterEach(async () => {
  for (const servers of started.splice(0)) await servers.stop()
})

it('starts a master with replicas that follow it, and Sentinels that promote one when it is killed', async () => {
  const servers = await startRedisSentinels({ replicas: 2 })
  started.push(servers)
  await ask(servers.master.port, 'SET', 'kept', 'yes')
  expect(await ask(servers.master.port, 'WAIT', '2', '5000')).toBe('2')
  await servers.master.kill('SIGKILL')
  const master = await servers.promoted()
  expect(servers.replicas).toContain(master)
  expect(await ask(master.port, 'GET', 'kept')).toBe('yes')
  expect(await ask(master.port, 'SET', 'more', 'yes')).toBe('OK')
})

it('starts a cluster whose masters share the slots, with replicas that follow them', async () => {
  const cluster = await startRedisCluster({ masters: 2, replicas: 1 })
  started.push(cluster)
  const keys = ['a', 'b', 'c', 'd', '{x}1', '{x}2']
  const owners = new Set<number>()
  for (const key of keys) {
    const { port } = await cluster.masterOf(key)
    owners.add(port)
    expect(await ask(port, 'SET', key, 'yes')).toBe('OK')
  }
  expect(owners).toEqual(new Set(cluster.masters.map(({ port }) => port)))
  expect((await cluster.masterOf('{x}1')).port).toBe((await cluster.masterOf('{x}2')).port)
  for (const { port } of cluster.masters) expect(await ask(port, 'WAIT', '1', '5000')).toBe('1')
})

it('says what a server refuses', async () => {
  const cluster = await startRedisCluster({ masters: 1 })
  started.push(cluster)
  await expect(ask(cluster.masters[0]!.port, 'NONSENSE')).rejects.toThrow(/unknown command/)
})
