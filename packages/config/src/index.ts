/**
 * The configuration file of the apps: one TOML file, checked before anything listens, with every problem told at once,
 * units written out, and values from the environment and from secret files.
 *
 * @packageDocumentation
 */

export { loadConfig } from './load.ts'
export type { ConfigResult, LoadOptions } from './load.ts'

export { formatOrigin, formatProblem } from './problem.ts'
export type { ConfigProblem, Origin } from './problem.ts'
export type { Place } from './place.ts'

export { exampleConfig } from './example.ts'
export { formatConfig } from './show.ts'
export { configJsonSchema } from './json-schema.ts'
export type { Json } from './json-schema.ts'

export { reasonOf } from './reason.ts'
export { maskRedisUrl } from './redis-url.ts'
export { formatEndpoint } from './endpoint.ts'
export type { Endpoint } from './endpoint.ts'
export type { RouteConfig, RouteMatch, RouteReply, RouteRole, RouteTarget, TlsMode } from './route.ts'
export type {
  Config,
  DirectoryConfig,
  LogConfig,
  LogLevel,
  MdaConfig,
  MsaConfig,
  MtaConfig,
  RelayConfig,
  RelayLocalConfig,
  ResolverConfig,
  SmartHostConfig,
  StoreConfig,
  StoreSentinelConfig,
  StoreTlsConfig,
  TlsConfig,
} from './config.ts'
