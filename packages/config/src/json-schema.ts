/** A JSON Schema of the configuration file, for editors. */

import { parse } from 'smol-toml'
import { z } from 'zod'
import { type Setting, type Source, readConfig } from './settings.ts'

/** A value of JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** The schema (draft 2020-12) of the file's tables; ranges of units are told in the descriptions. */
export function configJsonSchema(): { readonly [key: string]: Json } {
  const { properties } = schemaOf((source) => readConfig(source, 'localhost'))
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Postroad configuration',
    type: 'object',
    additionalProperties: false,
    properties,
  }
}

/** Collects the properties of one table. */
function schemaOf<T>(walk: (source: Source) => T): { readonly properties: Record<string, Json>; readonly result: T } {
  const properties: Record<string, Json> = {}
  const note = <V>(name: string, setting: Setting<V>, fallback: Json | undefined): void => {
    const { $schema: _, ...accepted } = recordOf(z.toJSONSchema(setting.kind.schema, { io: 'input' }))
    const description = `${setting.about} Accepted: ${setting.kind.accepted}.`
    properties[name] = {
      ...(setting.secret === true ? { anyOf: [accepted, SECRET_FILE] } : accepted),
      description,
      ...(fallback !== undefined && { default: fallback }),
    }
  }
  const result = walk({
    value: (name, fallback, setting) => {
      const depends = setting.example !== undefined
      note(name, setting, depends ? undefined : toJson(parse(`value = ${setting.kind.show(fallback)}`)['value']))
      return fallback
    },
    optional: (name, setting) => {
      note(name, setting, undefined)
      return undefined
    },
    table: (name, about, inner) => {
      const below = schemaOf(inner)
      properties[name] = {
        description: about,
        type: 'object',
        additionalProperties: false,
        properties: below.properties,
      }
      return below.result
    },
  })
  return { properties, result }
}

const SECRET_FILE: Json = {
  type: 'object',
  additionalProperties: false,
  required: ['file'],
  properties: { file: { type: 'string' } },
}

/** Copies what is JSON in a value; everything else becomes null. */
function toJson(value: unknown): Json {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value !== 'object' || value === null) return null
  return recordOf(value)
}

/** Copies the fields of an object; those that begin with `~` are zod's own. */
function recordOf(value: object): Record<string, Json> {
  const fields = Object.entries(value).filter(([key, inner]) => !key.startsWith('~') && inner !== undefined)
  return Object.fromEntries(fields.map(([key, inner]) => [key, toJson(inner)]))
}
