import { expect, it } from 'vitest'
import { configJsonSchema, exampleConfig, formatConfig, loadConfig } from '../src/index.ts'
import { SETTINGS } from '../src/setting-list.ts'

async function loaded(text: string): Promise<Extract<Awaited<ReturnType<typeof loadConfig>>, { ok: true }>> {
  const result = await loadConfig({ text, readFile: async () => 'a secret\n' })
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  return result
}

it('the example parses to the defaults', async () => {
  expect((await loaded(exampleConfig())).config).toEqual((await loaded('')).config)
})

it('the example is right with every comment taken off a setting, and then sets all of them', async () => {
  const text = exampleConfig().replaceAll(/^# (?=[a-z-]+ = |\[\[route\]\])/gm, '')
  const { origins } = await loaded(text)
  expect([...origins].filter(([, origin]) => origin.kind === 'default')).toEqual([])
  expect([...origins.keys()].toSorted()).toEqual(SETTINGS.map(({ key }) => key).toSorted())
})

it('no two settings have the same key or variable', () => {
  expect(new Set(SETTINGS.map(({ key }) => key)).size).toBe(SETTINGS.length)
  expect(new Set(SETTINGS.map(({ variable }) => variable)).size).toBe(SETTINGS.length)
})

it('what is shown of a configuration without secrets parses to the same configuration', async () => {
  const text = `
    hostname = "mail.example.org"
    tls = { certificate = "/c", key = "/k" }
    [msa]
    listen-tls = ["unix:/run/\\"x", "[::1]:465"]
    max-message-size = "1GB"
    [relay]
    resolver = { zone = "./zone" }
    smart-host = { host = "smtp.example.net" }
    [[route]]
    domain = ["a.test", "b.test"]
    role = "relay"
    to = "lmtp:unix:/run/y"
    [[route]]
    recipient = "x@a.test"
    to = "refuse"
    reply = "551 5.1.6 Moved"
  `
  const { config, origins } = await loaded(text)
  const shown = formatConfig(config, origins)
  expect((await loaded(shown)).config).toEqual(config)
})

it('what is shown names every value and its origin, and masks secrets', async () => {
  const text =
    '[store]\nurl = "redis://admin:hunter2@redis.example.org:6380/1?x=hunter2"\n[relay.smart-host]\nhost = "a"\nusername = "u"\npassword = "hunter2"'
  const { config, origins } = await loaded(text)
  const shown = formatConfig(config, origins)
  expect(shown).not.toContain('hunter2')
  expect(shown).toMatch(/^store\.url = "redis:\/\/\*\*\*@redis\.example\.org:6380\/1\?\*\*\*" +# configuration:2:7$/m)
  expect(shown).toMatch(/^relay\.smart-host\.password = "\*\*\*" +# configuration:6:12$/m)
  expect(shown).toMatch(/^relay\.give-up-after = "5d" +# default$/m)
})

it('the JSON Schema knows every setting, and the defaults of those that have one', () => {
  const schema = configJsonSchema()
  for (const { key } of SETTINGS) {
    const property = key
      .split('.')
      .reduce<unknown>((at, word) => Reflect.get(Object(Reflect.get(Object(at), 'properties')), word), schema)
    expect(property, key).toMatchObject({ description: expect.stringContaining('Accepted: ') })
  }
  expect(schema).toMatchObject({
    additionalProperties: false,
    properties: {
      relay: {
        additionalProperties: false,
        properties: {
          'give-up-after': { type: 'string', default: '5d' },
          resolver: { default: 'system' },
          'smart-host': { properties: { password: { anyOf: [{ type: 'string' }, { required: ['file'] }] } } },
        },
      },
      route: { type: 'array', items: { type: 'object', required: ['to'], additionalProperties: false } },
    },
  })
})
