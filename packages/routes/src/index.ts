export type { Destination, Route, RouteQuery, TlsMode } from './route.ts'
